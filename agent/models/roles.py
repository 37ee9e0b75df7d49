"""Which model plays which role: one, or a pool of several from which trajectories are drawn by weight.

pool = Pool.parse("openai/gpt-4.1, local=2")     # two of three trajectories by ``local``
pool.draw(index=3, seed=0)
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Literal, get_args

Role = Literal["locate", "test", "edit", "judge", "runoff"]
"""What a model is asked for."""

ROLES: tuple[Role, ...] = get_args(Role)

MOST_WEIGHT = 10_000.0


@dataclass(frozen=True)
class Pool:
    """Names with their weights, in the order in which they were given. Of scaffolds, too."""

    weights: Mapping[str, float]

    @classmethod
    def parse(cls, text: str) -> Pool:
        """Read ``a``, ``a, b`` or ``a=1, b=2``; ValueError, in one line, for what is none. A name twice: added up."""
        weights: dict[str, float] = {}
        for part in text.split(","):
            name, weight = _entry(part)
            weights[name] = weights.get(name, 0.0) + weight
        return cls(weights)

    def __str__(self) -> str:
        """Return the one spelling that stands in records and messages."""
        if len(self.weights) == 1:
            return self.first
        return ", ".join(name if weight == 1 else f"{name}={weight:g}" for name, weight in self.weights.items())

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in order."""
        return tuple(self.weights)

    @property
    def first(self) -> str:
        """The one with the most weight, the first of those: it plays the roles that have no pool."""
        return max(self.weights, key=lambda name: self.weights[name])

    def draw(self, index: int, seed: int) -> str:
        """Return the name for trajectory ``index``: the same for the same seed, however many trajectories there are.

        Each is drawn as often as its weight says, as early as can be; the seed decides where two are as far behind.
        So equal weights come in pairs of random order, and no name always meets the same temperature.
        """
        whole = sum(self.weights.values())
        drawn = dict.fromkeys(self.weights, 0)
        for place in range(index + 1):
            behind = {name: weight / whole * (place + 1) - drawn[name] for name, weight in self.weights.items()}
            most = max(behind.values())
            ties = [name for name, value in behind.items() if most - value < 1e-9]
            chosen = min(ties, key=lambda name: _lot(seed, place, name)) if len(ties) > 1 else ties[0]
            drawn[chosen] += 1
        return chosen


def _entry(part: str) -> tuple[str, float]:
    name, equals, number = part.strip().rpartition("=")
    if not equals:
        name, number = number, "1"
    name = name.strip()
    try:
        weight = float(number)
    except ValueError:
        name, weight = part.strip(), 1.0  # a model's name may hold a sign of equality
    if not name:
        raise ValueError(f"{part.strip()!r} names nothing: write NAME or NAME=WEIGHT, with commas between")
    if not isfinite(weight) or not 0 < weight <= MOST_WEIGHT:
        raise ValueError(f"{part.strip()!r}: a weight is a number above 0 and up to {MOST_WEIGHT:g}")
    return name, weight


def _lot(seed: int, place: int, name: str) -> bytes:
    return hashlib.sha256(f"{seed} {place} {name}".encode()).digest()
