"""Which of a repository's test files are about the code in play: by their names and places alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Set
from fnmatch import fnmatch
from math import log
from pathlib import PurePosixPath

MOST = 6
"""Test files of one task: each is run on every candidate, and twice on the base."""

_IN_PLAY = 5
"""Files of the code in play that count, the most relevant first."""
_OF_THE_ISSUE, _BESIDE = 0.5, 0.75
"""What a word that only the issue has counts for, and one that nothing in play has against. Chosen by which test files
the fix of an instance changes, on 237 instances of SWE-bench that are not among those drawn for figures."""
Words = Set[str]

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
    tests = {path: _words(path) for path in files if _is_test(path)}
    weights = _weights(tests.values())
    told = {_singular(word) for word in re.findall(r"[a-z]{4,}", issue.lower())}
    sources = [_words(path) for path in shown if not _is_test(path)][:_IN_PLAY] or [frozenset[str]()]
    scored = []
    for path, words in tests.items():
        score = max(_nearness(words, source, told, weights) / (1 + rank / 2) for rank, source in enumerate(sources))
        if score > 0:
            scored.append((-score, path))
    return tuple(path for _, path in sorted(scored)[:MOST])


def existing_tests(paths: Iterable[str], files: Iterable[str]) -> list[str]:
    """Return those of some paths that are test files of the tree, in their order."""
    there = set(files)
    return [path for path in paths if _is_test(path) and path in there]


def _is_test(path: str) -> bool:
    return any(fnmatch(PurePosixPath(path).name, pattern) for pattern in _FILES)


def _nearness(test: Words, source: Words, told: Words, weights: Mapping[str, float]) -> float:
    """Say how well the words of a test file's path fit those of a source file's path, and the issue's.

    A word counts for as much as it tells: ``models`` is in the paths of many test files, ``migrations`` in few.
    What a test file is about beside that counts against it.
    """
    by_path = sum(weights[word] for word in test & source)
    by_issue = sum(weights[word] for word in (test & told) - source)
    beside = sum(weights[word] for word in test - source - told)
    return by_path + _OF_THE_ISSUE * by_issue - _BESIDE * beside


def _weights(tests: Collection[Words]) -> dict[str, float]:
    """Return each word's inverse document frequency among the paths of test files."""
    counted = Counter(word for words in tests for word in words)
    return {word: log((len(tests) + 1) / (count + 0.5)) for word, count in counted.items()}


def _words(path: str) -> Words:
    """Return the words of a path that tell what it is about."""
    return frozenset(_singular(word) for word in re.split(r"[/._]", path.lower()) if word not in _SAY_NOTHING)


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
