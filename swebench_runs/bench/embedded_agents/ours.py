"""Runoff at one task: a whole run of it, as ``runoff run`` makes it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from agent.models.profiles import profile_for
from environments.task import Task
from swebench_runs.config import RunConfig, parse
from swebench_runs.errors import RunoffError
from swebench_runs.many_tasks.running import run_tasks
from swebench_runs.one_task.pool import FILE, Pool
from swebench_runs.run_folder.store import Run
from swebench_runs.splits import Split

_NAME = "openai/local"


def config(api_base: str, seed: int, more: Mapping[str, Any]) -> RunConfig:
    """Return the configuration: Runoff's defaults for the embedded model; all that is written is edits."""
    profile = profile_for("local").model_dump(mode="json", exclude={"match"})
    said = {
        **{"model": _NAME, "api_base": api_base, "seed": seed, "sandbox": "bubblewrap"},
        **{"profile": [{**profile, "match": [_NAME]}], "workers": 1},
        **{"tests": 0, "judge": "off", "runoff_turns": 0},
    }
    return parse({**said, **more})


def solve(task: Task, split: Split, asked: RunConfig, folder: Path, console: Console) -> dict[str, Any]:
    """Resolve a task in a new run's folder; return how its trajectories ended and what is handed in.

    Raises RunoffError where the machine failed: that is no outcome.
    """
    os.environ.setdefault("OPENAI_API_KEY", "none")  # litellm wants one; nobody reads it
    with Run.start(folder, asked, [task], redo=True, source=split.source) as run:
        result = run_tasks(run, [task], split.open_base, console)
        if result.interrupted:
            raise KeyboardInterrupt
        if why := result.fatal or result.failed.get(task.instance_id):
            raise RunoffError(f"{task.instance_id} was not done: {why}")
        pool = run.task(task.instance_id).read(FILE, Pool)
        handed_in = json.loads(run.write_predictions().read_bytes()).get(task.instance_id, {})
    made = pool.trajectories if pool else ()
    return {
        "ended": sorted(str(trajectory.ending) for trajectory in made),
        "scaffold": str(asked.scaffold or asked.profile_of(_NAME).scaffold),
        "patch": handed_in.get("model_patch") or "",
    }
