"""What a path in a patch is: source, test, scratch, or hostile."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import PurePosixPath

_TEST_FOLDERS = frozenset({"tests"})
_TOP_TEST_FOLDERS = frozenset({"test", "testing"})
"""Hold tests at a repository's top only: django/test/ and sympy/testing/ are source."""
_TEST_FILES = ("test_*.py", "*_test.py", "tests.py", "conftest.py")
_CACHE_FOLDERS = frozenset(
    {"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".tox", ".nox", ".eggs", "build"}
)
_SCRATCH_FILES = (
    *("*.pyc", "*.pyo", "*.orig", "*.rej", "*.bak", "*.swp", "*~", ".coverage", "*.egg-info", "*.log", "*.tmp"),
    *("*.patch", "*.diff"),
    *("reproduce*.py", "repro*.py", "debug_*.py", "scratch*.py", "verify_*.py", "check_fix*.py", "demo_*.py"),
)


def is_test_path(path: str) -> bool:
    """Tell whether a path is a test or lies among tests, by pytest's names and the usual folders."""
    pure = PurePosixPath(path)
    folders = pure.parts[:-1]
    return (
        any(part in _TEST_FOLDERS for part in folders)
        or folders[:1] in {(name,) for name in _TOP_TEST_FOLDERS}
        or any(fnmatch(pure.name, p) for p in _TEST_FILES)
    )


def is_cache_path(path: str) -> bool:
    """Tell whether a path is what tools leave behind: caches, byte code, builds."""
    pure = PurePosixPath(path)
    parts = (*pure.parts[:-1], pure.name)
    return any(part in _CACHE_FOLDERS or part.endswith(".egg-info") for part in parts) or pure.suffix in {
        ".pyc",
        ".pyo",
    }


def is_scratch_name(path: str) -> bool:
    """Tell whether a new file has a name that agents give to throw-away scripts and editors to back-ups."""
    return any(fnmatch(PurePosixPath(path).name, pattern) for pattern in _SCRATCH_FILES)


def path_problem(path: str) -> str | None:
    """Say what is wrong with a path that a model wrote; None when it stays inside the tree and out of .git."""
    if not path or any(ord(c) < 32 or c == "\x7f" for c in path):
        return "a path must be non-empty and without control characters"
    if "\\" in path or path.startswith(("/", "~")) or path[1:2] == ":":
        return "a path must be relative to the repository's root, with forward slashes"
    parts = path.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        return "a path must not contain '.', '..' or empty parts"
    if any(part.rstrip(". ").lower() in {".git", "git~1"} for part in parts):
        return "a path must not lead into .git"
    return None
