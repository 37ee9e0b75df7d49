"""What whoever writes a test must know of the place where it will run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import Literal

from environments.task import EnvironmentSpec

_TEST_FILES = ("test_*.py", "*_test.py", "tests.py")
_NAME = "test_issue_{}.py"

Framework = Literal["pytest", "django", "own"]


@dataclass(frozen=True)
class TestFacts:
    """The facts; see ``facts_of``."""

    __test__ = False

    python: str
    """Version of Python, ``major.minor``; empty where a Dockerfile says, which nobody has run yet."""
    seconds: float
    """What one run of a test may take."""
    framework: Framework
    """What runs the repository's tests."""
    command: str
    """How the repository's own tests are run, as a line of shell."""
    folder: str
    """Where a new test file goes, by where most test files are; empty: the top."""
    taken: frozenset[str] = frozenset()
    """Files that are there: no new test may stand in their place."""

    def free_path(self) -> str:
        """Return where a test file goes whose writer names no path."""
        folder = f"{self.folder}/" if self.folder else ""
        numbers = (number for number in range(len(self.taken) + 1) if folder + _NAME.format(number) not in self.taken)
        return folder + _NAME.format(next(numbers))


def framework_of(spec: EnvironmentSpec) -> Framework:
    """Return what runs a test file: pytest, but where the repository has a runner that is nothing of the kind."""
    if not spec.test_command or spec.log_parser not in ("django", "sympy"):
        return "pytest"
    return "django" if spec.log_parser == "django" else "own"


def facts_of(spec: EnvironmentSpec, files: Iterable[str], *, seconds: float) -> TestFacts:
    """Read the facts off an environment and the tree's files (``files``: at least its Python files)."""
    taken = frozenset(files)
    folders = Counter(
        str(PurePosixPath(path).parent)
        for path in taken
        if any(fnmatch(PurePosixPath(path).name, pattern) for pattern in _TEST_FILES)
    )
    most = max(sorted(folders), key=lambda folder: folders[folder], default=".")
    return TestFacts(
        python="" if spec.dockerfile else spec.python,
        seconds=seconds,
        framework=framework_of(spec),
        command=spec.test_command or "python -m pytest",
        folder="" if most == "." else most,
        taken=taken,
    )
