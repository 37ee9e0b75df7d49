"""What a patch may not change of hidden tests: tests, and what steers them; for both graders.

steers_row("setup.cfg", row, is_there)    # False where the row's own right patch touches it
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from agent.patch import PatchError, is_test_path
from agent.patch.sections import paths
from environments.trees import steering
from swebench_runs.rows import Row


def steers_row(path: str, row: Row, is_there: Callable[[str], bool]) -> bool:
    """Tell whether a changed path may steer a row's tests. What the row's own patches touch never does.

    ``is_there``: tells whether the base's tree has a path.
    """
    if path in _touched(row.patch) or path in _touched(row.test_patch):
        return False
    return steers(path, is_there, row.repo)


def steers(path: str, is_there: Callable[[str], bool], repo: str = "", folders: Iterable[str] = ()) -> bool:
    """Tell whether a path is a test, or decides how tests of a repository run; ``folders``: as ``shadows`` has them."""
    return is_test_path(path) or steering.steers(path, repo) or steering.shadows(path, is_there, folders)


def _touched(patch: str) -> frozenset[str]:
    try:
        return frozenset(paths(patch))
    except PatchError:
        return frozenset()
