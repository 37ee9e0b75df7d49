"""Which paths decide what tests do, without being what the tests are about: for votes, the gate and both graders.

steers("tox.ini")                  # True: it configures the runner
shadows("pluggy.py", is_there)     # True: a module of the runner's name at the tree's top goes before it
steering_paths(patch, is_there)    # the base's, in every run
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from environments.sandboxes.contract import Sandbox

_CONFIGURATION = frozenset(
    {"pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini", "setup.cfg", "pyproject.toml"}
    | {".coveragerc", "noxfile.py", "nose.cfg", ".noserc", "unittest.cfg"}
)
"""Files that decide how tests run."""
_STARTED_BY_NAME = frozenset({"conftest", "sitecustomize", "usercustomize", "pytest_plugins", "_pytest_plugin"})
"""Modules and packages that a runner or the interpreter imports by their names, wherever they stand."""
_TOOLS = frozenset(
    {"pytest", "_pytest", "py", "pluggy", "iniconfig", "xdist", "nose", "mock", "hypothesis", "exceptiongroup", "tox"}
    | {"packaging", "pygments", "tomli", "attr", "attrs", "six", "more_itertools", "wcwidth", "colorama", "execnet"}
    | {"atomicwrites", "pathlib2", "importlib_metadata", "zipp", "typing_extensions", "coverage", "pkg_resources"}
    | {
        "django",
        "setuptools",
        "_distutils_hack",
        "asgiref",
        "sqlparse",
        "pytest_django",
        "pytest_asyncio",
        "pytest_mock",
    }
)
"""Modules of test runners and of what they import: one of that name at the tree's top goes before them."""
_OLDER = frozenset({"_bootlocale", "distutils", "imp"})
"""Modules that older Pythons, and what tests run with there, import as they start; this one has them no more, or soon
will not. Others that were dropped (``parser``, ``symbol``) are names that a project may well give to a new module."""
_BEFORE = sys.stdlib_module_names | _OLDER | _TOOLS
_RUNNERS: dict[str, tuple[str, ...]] = {
    "sympy/sympy": (
        "bin/test",
        "bin/doctest",
        "sympy/testing/",
        "sympy/utilities/runtests.py",
        "sympy/utilities/pytest.py",
    ),
    "django/django": ("django/test/runner.py", "django/test/testcases.py", "tests/runtests.py"),
}
"""Test runners that a repository brings along outside its tests."""
_CODE = (".py", ".pyc", ".pyo", ".so", ".pyd", ".pyi")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_OCTAL = re.compile(r"\\([0-7]{3})")
_NAMED = re.compile(r"^(?:diff --git|---|\+\+\+|rename (?:from|to)|copy (?:from|to)) (.*)$", re.MULTILINE)


def steers(path: str, repo: str = "") -> bool:
    """Tell whether a path decides how tests of a repository run: settings, plugins, what starts with the interpreter.

    Modules and packages count by their names, whatever their form: ``sitecustomize/__init__.py``, ``conftest.pyc``.
    """
    pure = PurePosixPath(path)
    return (
        pure.name in _CONFIGURATION
        or pure.suffix in (".pth", ".pyc", ".pyo")
        or any(_module(part) in _STARTED_BY_NAME for part in pure.parts[:-1])
        or (pure.suffix in (*_CODE, "") and _module(pure.name) in _STARTED_BY_NAME)  # a link may be to a folder
        or any(part.endswith((".egg-info", ".dist-info", ".egg-link")) for part in pure.parts)
        or path == "__main__.py"
        or path.startswith(_RUNNERS.get(repo, ()))
    )


def shadows(path: str, is_there: Callable[[str], bool], folders: Iterable[str] = ()) -> bool:
    """Tell whether a module stands before one of the standard library or of a test runner.

    Args:
        path: of a file, or of a link, which may stand for a folder.
        is_there: tells whether the tree has a path; a module that it has already shadows nothing that it did not.
        folders: those of the tree that modules are imported from, beside its top, ``src`` and ``lib``.
    """
    parts = PurePosixPath(path).parts
    tops = {PurePosixPath(folder).parts for folder in ("", "src", "lib", *folders)}
    return any(_shadows(parts, top, is_there) for top in tops if parts[: len(top)] == top)


def _shadows(parts: tuple[str, ...], top: tuple[str, ...], is_there: Callable[[str], bool]) -> bool:
    below = parts[len(top) :]
    if not below or _module(below[0]) not in _BEFORE:
        return False
    first = "/".join([*top, below[0]])
    if len(below) == 1:
        return PurePosixPath(first).suffix in (*_CODE, "") and not is_there(first)
    if not is_there(first):
        return True
    # A folder that is no package stands before nothing; it does once it is one.
    starts = len(below) == 2 and _module(below[1]) == "__init__" and PurePosixPath(below[1]).suffix in _CODE
    return starts and not is_there(f"{first}/{below[1]}")


def steering_paths(patch: str, is_there: Callable[[str], bool], folders: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the paths in a patch that steer tests, sorted; ``is_there`` and ``folders``: see ``shadows``.

    A line of a file that only looks like a patch's heading may name more, which does no harm: they are not changed.
    """
    named = {path for line in _NAMED.findall(patch) for path in _paths(line)}
    return tuple(sorted(path for path in named if steers(path) or shadows(path, is_there, folders)))


def tree_of(sandbox: Sandbox) -> Callable[[str], bool]:
    """Return what tells whether a sandbox's tree has a path; a broken link is there too."""

    def is_there(path: str) -> bool:
        look = 'test -e "$1" || test -L "$1"'
        return sandbox.run(["/bin/sh", "-c", look, "sh", path]).exit_code == 0

    return is_there


def _module(part: str) -> str:
    return part.partition(".")[0]


def _paths(line: str) -> set[str]:
    """Return what a heading's words may name, without git's prefixes."""
    quoted = {_unquoted(word) for word in _QUOTED.findall(line)}
    line = line.split("\t")[0].strip()
    bare = {line, *line.split(" "), line.partition(" b/")[2], *quoted} - {"", "/dev/null"}
    return {word[2:] if word[:2] in ("a/", "b/") else word for word in bare}


def _unquoted(name: str) -> str:
    """Read a name as git quotes odd ones: bytes by their octal numbers."""
    plain = _OCTAL.sub(lambda found: chr(int(found[1], 8)), name)
    return plain.encode("latin-1", "replace").decode("utf-8", "surrogateescape")
