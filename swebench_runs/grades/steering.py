"""Which paths decide what tests do, without being what the tests are about: for both graders.

steers("tox.ini")                  # True: it configures the runner
shadows("pluggy.py")               # True: a module of the runner's name at the tree's top goes before it
steers_row("setup.cfg", row)       # False where the row's own right patch touches it
"""

from __future__ import annotations

import sys
from pathlib import PurePosixPath

from agent.patch import PatchError, is_test_path
from agent.patch.sections import paths
from swebench_runs.rows import Row

FILES = frozenset(
    {"pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini", "setup.cfg", "pyproject.toml"}
    | {"conftest.py", "sitecustomize.py", "usercustomize.py"}
)
"""Names of files that decide how tests run."""
_TOOLS = frozenset(
    {"pytest", "_pytest", "py", "pluggy", "iniconfig", "xdist", "nose", "mock", "hypothesis", "exceptiongroup", "tox"}
)
"""Modules of test runners, beside the standard library's: a file of that name at the tree's top goes before them."""
_RUNNERS: dict[str, tuple[str, ...]] = {
    "sympy/sympy": (
        "bin/test",
        "bin/doctest",
        "sympy/testing/",
        "sympy/utilities/runtests.py",
        "sympy/utilities/pytest.py",
    ),
}
"""Test runners that a repository brings along outside its tests."""
_OWN = {"pytest-dev/pytest": _TOOLS}
"""Tools that are the repository itself: there their source is what is to be repaired."""


def steers_row(path: str, row: Row) -> bool:
    """Tell whether a changed path may steer a row's tests. What the row's own patches touch never does."""
    if path in _touched(row.patch) or path in _touched(row.test_patch):
        return False
    return steers(path, row.repo) or shadows(path, row.repo)


def steers(path: str, repo: str = "") -> bool:
    """Tell whether a path is a test, or a file that decides how tests of a repository run."""
    pure = PurePosixPath(path)
    return (
        is_test_path(path)
        or pure.name in FILES
        or pure.suffix in (".pth", ".pyc")
        or any(part.endswith((".egg-info", ".dist-info")) for part in pure.parts)
        or path.startswith(_RUNNERS.get(repo, ()))
    )


def shadows(path: str, repo: str = "") -> bool:
    """Tell whether a module stands before one of the standard library or of a test runner."""
    pure = PurePosixPath(path)
    parts = pure.parts[1:] if pure.parts[0] in ("src", "lib") else pure.parts
    if not parts:
        return False
    name = parts[0].partition(".")[0]
    module = len(parts) > 1 or PurePosixPath(parts[0]).suffix in (".py", ".so", ".pyd")
    return module and name in (sys.stdlib_module_names | _TOOLS) - _OWN.get(repo, frozenset())


def _touched(patch: str) -> frozenset[str]:
    try:
        return frozenset(paths(patch))
    except PatchError:
        return frozenset()
