"""The base sandbox of a task: its tree as one commit over what its environment needs, on a host that can sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from environments import host, leftovers
from environments.bubblewrap import BubblewrapSandbox, host_root
from environments.bubblewrap.host_root import SITE_PACKAGES
from environments.python_env import PythonEnvironmentError, site_packages
from environments.removal import remove_tree
from environments.sandbox import WORKTREE, Sandbox
from environments.task import EnvironmentSpec
from environments.worktree import WorktreeError, one_commit
from swebench_runs.errors import EnvironmentMissing, RunoffError


def prepare_host() -> None:
    """Check that this host can sandbox, and remove what a killed run has left behind. EnvironmentMissing, one line."""
    if problems := host.diagnose():
        raise EnvironmentMissing("; ".join(str(problem) for problem in problems) + " (see `runoff doctor`)")
    leftovers.clean()


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
    except WorktreeError as error:
        raise RunoffError(str(error)) from error


def open_base(spec: EnvironmentSpec, layer: Path, *, run_id: str) -> Sandbox:
    """Return a new sandbox over a layer that ``lay`` made; the caller closes it.

    Installs the environment's packages the first time. Raises EnvironmentMissing and SandboxError, each in one
    line that says what to do.
    """
    try:
        packages = site_packages(spec)
    except PythonEnvironmentError as error:
        raise EnvironmentMissing(str(error)) from error
    return BubblewrapSandbox.create(
        [layer], binds={SITE_PACKAGES: packages}, root=host_root(spec.python), run_id=run_id
    )
