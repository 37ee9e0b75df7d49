"""What every node has to know of a run."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import swebench_runs
from agent.models.keys import key_variable
from swebench_runs.config import RunConfig
from swebench_runs.one_task.ground.base_sandbox import OpenBase
from swebench_runs.run_folder.files import write_whole
from swebench_runs.run_folder.store import Run

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
MARK = ".shared"
"""A file in the folder of a run on a cluster: whoever reads in it what the driver wrote shares the folder."""


@dataclass(frozen=True)
class Ground:
    """What tasks stand on, made on each node; sent there, so it holds no lock and no open file."""

    check_host: Callable[[], None]
    """See ``Split.check_host``."""
    opener: Callable[[Run], OpenBase]
    """Given the run's folder on the node, returns what opens the tasks' base sandboxes."""


@dataclass(frozen=True)
class Job:
    """A run as its nodes see it."""

    header: Mapping[str, Any]
    """The run's, as in run.yaml."""
    folder: Path
    """The run's folder, by its path at the driver."""
    mark: str
    """What stands in ``MARK`` of the folder; empty: it is not shared, whatever a node sees."""
    ground: Ground
    environment: Mapping[str, str]
    """Variables that the models are reached by."""
    must_share: bool = False
    """A node that does not see ``folder`` cannot work, instead of sending its records."""
    version: str = swebench_runs.__version__

    @property
    def key(self) -> str:
        """Names the run on its cluster: the same for every driver of one folder."""
        return _key(self.folder, self.header)

    @property
    def settings(self) -> str:
        """Tells whether two drivers ask for the same."""
        said = {key: self.header[key] for key in ("config", "started")}
        return hashlib.sha256(json.dumps([said, self.version], sort_keys=True).encode()).hexdigest()[:16]


def job_of(run: Run, ground: Ground, *, shared: bool | None) -> Job:
    """Return the job of a run. ``shared``: whether nodes must see its folder, or shall not look; None: each looks."""
    folder = run.path.resolve()
    mark = "" if shared is False else secrets.token_hex(16)
    write_whole(folder / MARK, mark)
    return Job(run.header, folder, mark, ground, environment_of(run.config), must_share=bool(shared))


def key_of(run: Run) -> str:
    """Return ``Job.key`` of a run's job."""
    return _key(run.path.resolve(), run.header)


def _key(folder: Path, header: Mapping[str, Any]) -> str:
    return hashlib.sha256(f"{folder} {header['run_id']}".encode()).hexdigest()[:16]


def shares(job: Job) -> bool:
    """Tell whether this machine sees the run's folder."""
    try:
        return bool(job.mark) and (job.folder / MARK).read_text() == job.mark
    except OSError:
        return False


def environment_of(config: RunConfig) -> dict[str, str]:
    """Return the variables that a run's models are reached by: their vendors' (``OPENAI_...``), and proxies."""
    keys = {key_variable(name) for name in config.models} - {""}
    vendors = tuple(f"{key.split('_')[0]}_" for key in keys)
    return {
        name: value
        for name, value in os.environ.items()
        if name in keys or name.upper() in _PROXIES or (vendors and name.startswith(vendors))
    }


def per_node(config: RunConfig, nodes: int) -> RunConfig:
    """Return the configuration of one node of so many: the rates of an endpoint are shared out."""
    rates = {key: max(1, getattr(config, key) // nodes) for key in ("rpm", "tpm") if getattr(config, key)}
    return config.model_copy(update=rates)
