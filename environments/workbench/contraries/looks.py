"""Two looks at the same tests: what is its own contrary in one is itself in the other.

So each test that has a contrary must pass once and must not pass once, and in each look there are tests of both kinds:
whoever makes tests pass by force has to tell them apart by what they assert.
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from environments.workbench.contraries.negation import negations, with_contraries

MOST = 200
"""Contraries in one look: more say no more."""


@dataclass(frozen=True)
class Look:
    """Test files in which some tests are their contraries."""

    files: Mapping[str, bytes]
    """Path -> text, of those that differ from what they were."""
    contrary: frozenset[tuple[str, str]]
    """Path and name of the tests that are their contraries."""


AS_IT_IS = Look({}, frozenset())
"""A look in which no test is its contrary."""


def split(files: Mapping[str, bytes], chance: random.Random) -> tuple[Look, ...]:
    """Return two looks at test files, each test that has a contrary being it in one of them; none where none has."""
    able = [(path, negation) for path, source in sorted(files.items()) for negation in negations(source)]
    chance.shuffle(able)
    able = able[: 2 * MOST]
    looks = []
    for half in (able[::2], able[1::2]):
        changed = {}
        for path in {path for path, _ in half}:
            chosen = [(one, chance.randrange(len(one.ways))) for at, one in half if at == path]
            changed[path] = with_contraries(files[path], chosen)
        looks.append(Look(changed, frozenset((path, one.name) for path, one in half)))
    return tuple(look for look in looks if look.contrary)


def passing_contraries(look: Look, passed: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of contraries that passed, of all ids that did.

    Ids are pytest's (``path::Class::test[x]``), unittest's (``test (module.Class)``) or bare names of functions.
    """
    return tuple(test for test in passed if _is_one_of(test, look.contrary))


def untouched(look: Look, tests: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of tests that are themselves in a look."""
    return tuple(test for test in tests if not _is_one_of(test, look.contrary))


def _is_one_of(test: str, names: Collection[tuple[str, str]]) -> bool:
    path, mark, rest = test.partition("::")
    if mark:
        return (path, rest.partition("[")[0]) in names
    unittest = re.match(r"(\w+) \(([\w.]+)\)", test)
    if unittest:
        name, parts = unittest[1], unittest[2].removesuffix(f".{unittest[1]}").split(".")
        module = ".".join(parts[:-1])
        return any(own == f"{parts[-1]}::{name}" and _module(path).endswith(module) for path, own in names)
    return any(own == test.partition("[")[0] for _, own in names)


def _module(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")
