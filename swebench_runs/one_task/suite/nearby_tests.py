"""Which of a repository's test files are about the code in play: by their names and places alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import PurePosixPath

MOST = 6
"""Test files of one task: each is run on every candidate, and twice on the base."""

_FILES = ("test_*.py", "*_test.py", "unittest_*.py", "tests.py")
_SAY_NOTHING = frozenset(
    {
        "src",
        "lib",
        "test",
        "tests",
        "testing",
        "unit",
        "unittest",
        "unittests",
        "py",
        "core",
        "utils",
        "init",
        "main",
        "",
    }
)


def nearby_tests(shown: Iterable[str], files: Iterable[str], issue: str = "") -> tuple[str, ...]:
    """Return the test files to run, at most ``MOST``, best first; none where no name fits.

    Args:
        shown: paths of the code in play, the most relevant first.
        files: the tree's Python files.
        issue: its text, whose words count as names too.
    """
    sources = [path for path in shown if not _is_test(path)]
    told = set(re.findall(r"[a-z]{4,}", issue.lower()))
    scored = []
    for path in filter(_is_test, files):
        score = max((_nearness(path, source) / (2 + rank) for rank, source in enumerate(sources)), default=0.0)
        names = _words(path)
        score += bool(names) and set(names) <= told
        if score > 0:
            scored.append((-score, path))
    return tuple(path for _, path in sorted(scored)[:MOST])


def _is_test(path: str) -> bool:
    return any(fnmatch(PurePosixPath(path).name, pattern) for pattern in _FILES)


def _nearness(test: str, source: str) -> float:
    """Say how well the words of a test file's path fit those of a source file: its name most, then its folders."""
    names, folders = _words(test), [_words(part) for part in PurePosixPath(source).parts[:-1]]
    stem = _words(PurePosixPath(source).name)
    shared = len({word for folder in folders for word in folder} & set(names))
    if stem and set(stem) <= set(names):
        return (4.0 if names[-len(stem) :] == stem else 2.0) + shared
    innermost = folders[-1] if len(folders) > 1 else []
    return 0.5 if innermost and set(innermost) <= set(names) else 0.0


def _words(path: str) -> list[str]:
    """Return the words of a path that tell what it is about."""
    return [word for word in re.split(r"[/._]", path) if word not in _SAY_NOTHING]
