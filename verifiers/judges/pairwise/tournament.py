"""Who meets whom: a ring, then everybody against its best, the pivots (arXiv 2607.05391, section 3). Pure functions."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

PIVOTS = 2
"""Candidates that everybody meets after the ring."""

Pair = tuple[int, int]
"""Two candidates by their places; the one that is shown first stands first."""
Compare = Callable[[int, int], float | None]
"""The probability that the first of two is the better one; None: nobody knows, and the meeting does not count."""


def meetings(candidates: int, pivots: int = PIVOTS) -> int:
    """Return the meetings of a tournament: N + k(N - k) + k(k - 1) / 2 for N candidates and k pivots; 0 for one.

    Each takes (criteria x draws) answers: 16 candidates take 16 + 28 + 1 = 45 meetings, a full round robin 120.
    """
    k = min(pivots, candidates)
    return 0 if candidates < 2 else candidates + k * (candidates - k) + k * (k - 1) // 2


def ring(candidates: int, seed: int) -> list[Pair]:
    """Return the neighbours of a circle drawn by seed: each is shown first once and second once."""
    order = list(range(candidates))
    random.Random(seed).shuffle(order)
    return [(one, order[(place + 1) % candidates]) for place, one in enumerate(order)] if candidates > 1 else []


def against(candidates: int, pivots: Sequence[int], met: Collection[Pair] = ()) -> list[Pair]:
    """Return everybody else against each pivot, shown first by turns, and the pivots among themselves.

    Two that have ``met`` are shown the other way round now: the same question again would say the same.
    """
    others = [one for one in range(candidates) if one not in pivots]
    pairs = [
        (pivot, other) if (turn + place) % 2 else (other, pivot)
        for turn, pivot in enumerate(pivots)
        for place, other in enumerate(others)
    ]
    ordered = sorted(pivots)
    pairs += [(one, two) for place, one in enumerate(ordered) for two in ordered[place + 1 :]]
    return [(two, one) if (one, two) in met and (two, one) not in met else (one, two) for one, two in pairs]


def preferred(first: float, second: float) -> float:
    """Return the probability that the first of two is better by what they were given, 0 to 1 (Bradley and Terry)."""
    return 1 / (1 + math.exp(second - first))


@dataclass
class Standing:
    """What the meetings so far say of each candidate."""

    wins: list[float] = field(default_factory=list)
    met: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, candidates: int) -> Standing:
        """Return the standing before anybody has met."""
        return cls([0.0] * candidates, [0] * candidates)

    def count(self, pair: Pair, first_better: float) -> None:
        """Count one meeting."""
        for one, share in zip(pair, (first_better, 1 - first_better), strict=True):
            self.wins[one] += share
            self.met[one] += 1

    def score(self, candidate: int) -> float | None:
        """Return the mean probability with which it was preferred; None for one that nobody compared."""
        return self.wins[candidate] / self.met[candidate] if self.met[candidate] else None

    def best(self, number: int) -> list[int]:
        """Return the leaders, the best first; those that nobody compared come last, equals in order of their places."""
        scores = [score if (score := self.score(one)) is not None else -1.0 for one in range(len(self.met))]
        return sorted(range(len(scores)), key=lambda one: (-scores[one], one))[:number]


def play(candidates: int, compare: Compare, *, seed: int, pivots: int = PIVOTS) -> Iterator[tuple[Pair, Standing]]:
    """Hold a tournament; yield each meeting that counted, with the standing after it."""
    standing = Standing.of(candidates)
    yield from _held(circle := ring(candidates, seed), compare, standing)
    if candidates > 1:
        leaders = standing.best(min(pivots, candidates))
        yield from _held(against(candidates, leaders, circle), compare, standing)


def _held(pairs: Sequence[Pair], compare: Compare, standing: Standing) -> Iterator[tuple[Pair, Standing]]:
    for pair in pairs:
        better = compare(*pair)
        if better is not None:
            standing.count(pair, better)
            yield pair, standing
