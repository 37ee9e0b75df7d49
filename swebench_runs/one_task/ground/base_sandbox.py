"""The base sandbox of a task: its tree as one commit over what its environment needs, on a host that can sandbox."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from environments.errors import RepositoryError
from environments.sandboxes import host, leftovers
from environments.sandboxes.contract import WORKTREE, Limits, Sandbox, SandboxError
from environments.sandboxes.docker.leftovers import clean_expected
from environments.sandboxes.removal import remove_tree
from environments.task import EnvironmentSpec, Task
from environments.trees.worktree import one_commit
from environments.workbench.environment_sandbox import environment_sandbox
from environments.workbench.python_env import PythonEnvironmentError
from swebench_runs.errors import EnvironmentMissing, RunoffError

_log = logging.getLogger(__name__)
_SHOWN = 3
"""Leftovers that are named; the others are counted."""

LayTree = Callable[[Task, Path], None]
"""Puts a task's tree into a new layer folder, as one commit."""

OpenBase = Callable[[Task, str], AbstractContextManager[Sandbox]]
"""Gives the base sandbox of a task for a block; the text is the run's id, for labels. See ``Split.open_base``."""


def prepare_host() -> None:
    """Check that bubblewrap works here, and remove what killed runs have left. EnvironmentMissing, one line."""
    if problems := host.diagnose():
        raise EnvironmentMissing("; ".join(str(problem) for problem in problems) + " (see `runoff doctor`)")
    clean_host()


def prepare_engine() -> None:
    """Check that a Docker engine answers, and remove what killed runs have left. EnvironmentMissing, one line."""
    from environments.sandboxes.docker import connect

    try:
        connect()
    except SandboxError as error:
        raise EnvironmentMissing(f"images of tasks need a Docker engine: {error}") from error
    clean_host()


def clean_host() -> None:
    """Remove what killed runs have left behind, and tell.

    A Docker engine that cannot be cleaned keeps no run from starting, and is warned of.
    """
    if removed := remove_leftovers():
        more = f"; and {len(removed) - _SHOWN} more" if len(removed) > _SHOWN else ""
        _log.warning("removed what killed runs had left behind: %s%s", "; ".join(removed[:_SHOWN]), more)


def remove_leftovers() -> list[str]:
    """Remove what has no living owner, on this host and on the engine that should be here; a line for each."""
    return [*leftovers.clean(), *clean_expected()]


@contextmanager
def scratch(run_id: str) -> Iterator[Path]:
    """Give a private folder for the block; after a crash its label lets ``runoff clean`` find it."""
    folder = leftovers.claim(run_id)
    try:
        yield folder
    finally:
        remove_tree(folder)


def lay(source: Path, layer: Path) -> str:
    """Copy a tree into the new folder ``layer`` where a sandbox expects it, as one commit; return the commit's id."""
    try:
        return one_commit(source, layer / WORKTREE.strip("/"))
    except RepositoryError as error:
        raise RunoffError(str(error)) from error


def open_base(spec: EnvironmentSpec, layer: Path, *, run_id: str, limits: Limits | None = None) -> Sandbox:
    """Return a new sandbox over a layer that ``lay`` made, with the usual ceilings or others; the caller closes it.

    Installs the environment's packages the first time. Raises EnvironmentMissing and SandboxError, each in one
    line that says what to do.
    """
    try:
        return environment_sandbox(layer, spec, run_id=run_id, limits=limits)
    except PythonEnvironmentError as error:
        raise EnvironmentMissing(str(error)) from error


def laid(lay_tree: LayTree, limits: Limits | None = None) -> OpenBase:
    """Return what opens the base sandbox of tasks whose trees are laid as a layer; None: with the usual ceilings."""

    @contextmanager
    def opened(task: Task, run_id: str) -> Iterator[Sandbox]:
        with scratch(run_id) as folder:
            lay_tree(task, folder / "base")
            with open_base(task.environment, folder / "base", run_id=run_id, limits=limits) as base:
                yield base

    return opened
