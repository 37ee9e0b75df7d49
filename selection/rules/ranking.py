"""What a rule returns: an order of candidates with honest ties."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import TypeAlias

from verifiers.ballot import Ballot

NO_PATCH = ""
"""Stands in a ranking for a trajectory without a usable patch; only ``random`` ranks those."""

Ranking: TypeAlias = tuple[tuple[str, ...], ...]
"""Groups of tied candidate ids, best group first; a candidate stands in one group only.

How often an id stands in its group is its weight when a tie is evaluated in expectation: rules over trajectories
name a candidate once per tied trajectory, rules over candidates name it once. Within a group the order is that of the
trajectories, so the first entry is what a run takes.
"""

Rule: TypeAlias = Callable[[Ballot], Ranking]
"""A pure function: the same ballot gives the same ranking, without I/O."""

Key: TypeAlias = tuple[float, ...]
"""What a rule sorts by: smaller is better, compared from left to right."""


def ranked(entries: Iterable[tuple[Key, str]]) -> Ranking:
    """Rank (key, candidate id) pairs: equal keys tie; a candidate counts in the best of its groups only."""
    ordered = sorted(entries, key=lambda entry: entry[0])
    groups: list[tuple[str, ...]] = []
    placed: set[str] = set()
    for _, tied in groupby(ordered, key=lambda entry: entry[0]):
        group = tuple(candidate for _, candidate in tied if candidate not in placed)
        placed.update(group)
        if group:
            groups.append(group)
    return tuple(groups)


def chosen(ranking: Ranking) -> str | None:
    """Return the candidate that a run takes: the first of the best group that has a patch; None when there is none."""
    return next((entry for group in ranking for entry in group if entry != NO_PATCH), None)
