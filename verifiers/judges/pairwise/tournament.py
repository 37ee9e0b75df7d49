"""Who meets whom: a ring, then everybody against its best, the pivots (arXiv 2607.05391, section 3). Pure functions."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

PIVOTS = 2
"""Candidates that everybody meets after the ring."""

Pair = tuple[int, int]
"""Two candidates by their places; the one that is shown first stands first."""
Compare = Callable[[int, int], float | None]
"""The probability that the first of two is the better one; None: nobody knows, and the meeting does not count."""


def meetings(candidates: int, pivots: int = PIVOTS) -> int:
    """Return the meetings of a tournament: N + k(N - k) + k(k - 1) / 2 for N candidates and k pivots; 0 for one.

    Two have met both ways round after the ring, so that they take those two meetings alone. Each takes (criteria x
    draws) answers: 16 candidates take 16 + 28 + 1 = 45 meetings, a full round robin 120.
    """
    k = min(pivots, candidates)
    if candidates <= 2:
        return 2 if candidates == 2 else 0
    return candidates + k * (candidates - k) + k * (k - 1) // 2


def ring(candidates: int, seed: int) -> list[Pair]:
    """Return the neighbours of a circle drawn by seed: each is shown first once and second once."""
    order = list(range(candidates))
    random.Random(seed).shuffle(order)
    return [(one, order[(place + 1) % candidates]) for place, one in enumerate(order)] if candidates > 1 else []


def against(candidates: int, pivots: Sequence[int], met: Collection[Pair] = ()) -> list[Pair]:
    """Return everybody else against each pivot, and the pivots among themselves; each shown first as often as second.

    Two that have ``met`` are shown the other way round now: the same question again would say the same. Two that have
    met both ways round do not meet again: one of them would be shown first twice.
    """
    others = [one for one in range(candidates) if one not in pivots]
    rivals = [*product(pivots, others), *combinations(sorted(pivots), 2)]
    lead = Counter[int]()
    """How much oftener each is shown first than second."""
    shown: dict[Pair, Pair] = {}
    settled = [pair for pair in rivals if pair in met or pair[::-1] in met]
    of_settled = {two for _, two in settled}
    # First those whose order is settled by how they met, then those that make up for it, last the free ones.
    for one, two in sorted(rivals, key=lambda pair: (pair not in settled, pair[1] not in of_settled)):
        if (one, two) in met and (two, one) in met:
            continue
        if (one, two) in met or (two, one) in met:
            first, second = (two, one) if (one, two) in met else (one, two)
        else:
            first, second = (one, two) if (lead[two], -lead[one]) >= (0, 0) else (two, one)
        shown[one, two] = first, second
        lead.update({first: 1, second: -1})
    return [shown[pair] for pair in rivals if pair in shown]


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
