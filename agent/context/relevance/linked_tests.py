"""From tests to what they test: a test file that an issue names, or that is named after a likely module, points to the
modules that it imports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import numpy as np

from agent.context.file_kinds import file_kind
from agent.context.index import IndexCache, tree_index
from agent.context.mentions import mentions_of, same_file
from agent.context.relevance.candidates import Array, Candidates
from agent.context.relevance.references import imported_files

_TEST_NAME = re.compile(r"\btest_\w{3,}|\bTest[A-Z]\w{2,}")
_ALIKE = 0.5
"""What a test counts that is only named after a module, beside one that the issue names."""
_LIKELY, _MOST_TESTS, _MOST_NAMES, _MOST_BYTES = 10, 30, 20, 400_000
_BARE = frozenset({"", "init", "main", "base", "utils", "util", "core", "common"})
"""Names of modules that say nothing: tests of many things are called so."""


def linked_by_tests(
    statement: str,
    likely: Array,
    candidates: Candidates,
    files: Mapping[str, bytes],
    cache: IndexCache | None = None,
) -> Array:
    """Return for each symbol how strongly tests point to its file.

    ``likely``: how likely each symbol is by itself, 1 for the best. A test that imports much says less.
    """
    told = dict(sorted(_told(statement, likely, candidates, files).items(), key=lambda one: -one[1])[:_MOST_TESTS])
    number = {name: file for file, name in enumerate(candidates.modules)}
    found = np.zeros(len(candidates.paths))
    for path, index in tree_index(files, told, cache).files.items():
        targets = imported_files(path, index.imports, number)
        for target in targets:
            found[target] = max(found[target], told[path] / (1 + np.log(len(targets))))
    return candidates.of_files(found)


def _told(statement: str, likely: Array, candidates: Candidates, files: Mapping[str, bytes]) -> dict[str, float]:
    """Return test file -> how much it has to do with the issue."""
    tests = [path for path in files if path.endswith(".py") and file_kind(path) == "test"]
    told = dict.fromkeys(_named(statement, tests, files), 1.0)
    best = candidates.best_of_files(likely)
    stems: dict[str, float] = {}
    for file in np.argsort(-best, kind="stable")[:_LIKELY]:
        stem = PurePosixPath(candidates.paths[file]).stem.strip("_")
        if stem not in _BARE:
            stems[stem] = max(stems.get(stem, 0.0), float(best[file]))
    for path in tests:
        stem = PurePosixPath(path).stem
        tested = stem.removeprefix("test_").removesuffix("_test").removesuffix("_tests").strip("_")
        if tested != stem and tested in stems:
            told[path] = max(told.get(path, 0.0), _ALIKE * stems[tested])
    return told


def _named(statement: str, tests: list[str], files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield the test files that an issue names, by their path or by a test that they define."""
    paths = mentions_of(statement).paths
    names = [name.encode() for name in dict.fromkeys(_TEST_NAME.findall(statement))][:_MOST_NAMES]
    defined = re.compile(rb"^[ \t]*(?:async[ \t]+def|def|class)[ \t]+(?:%s)\b" % b"|".join(names), re.M)
    for path in tests:
        body = files[path]
        if any(same_file(one, path) for one in paths) or (
            names and len(body) <= _MOST_BYTES and any(name in body for name in names) and defined.search(body)
        ):
            yield path
