"""How many editing trajectories of a task work by which scaffold: ``tools=6,edit-and-test=2``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from agent.models.roles import Pool


@dataclass(frozen=True)
class Mix:
    """Scaffolds with their shares; with numbers, those are the trajectories of a task."""

    pool: Pool
    counted: bool
    """Numbers were given: there are as many trajectories."""

    @classmethod
    def parse(cls, text: str) -> Mix:
        """Read ``tools``, ``tools, edit-and-test`` or ``tools=6, edit-and-test=2``; ValueError in one line."""
        pool = Pool.parse(text)
        counted = "=" in text
        if counted and any(number != int(number) for number in pool.weights.values()):
            raise ValueError(f"{text!r}: the number after a scaffold is a number of trajectories")
        return cls(pool, counted)

    def __str__(self) -> str:
        """Return the one spelling that stands in records and messages."""
        if not self.counted:
            return str(self.pool)
        return ", ".join(f"{name}={number:g}" for name, number in self.pool.weights.items())

    def total(self, otherwise: int) -> int:
        """Return how many trajectories a task has: as the numbers say, or ``otherwise`` where there are none."""
        return int(sum(self.pool.weights.values())) if self.counted else otherwise

    def of(self, index: int, begun: Mapping[int, str]) -> str:
        """Return the scaffold of trajectory ``index``; ``begun``: the scaffolds of those on record, which they keep.

        Each is used as often as it was asked for, as early as can be: where sampling ends early, all had their turn.
        """
        if index in begun:
            return begun[index]
        weights, whole = self.pool.weights, sum(self.pool.weights.values())
        used = Counter(begun.values())
        places = [place for place in range(index + 1) if place not in begun]
        for number, _ in enumerate(places, start=len(begun) + 1):
            chosen = max(weights, key=lambda name: weights[name] / whole * number - used[name])
            used[chosen] += 1
        return chosen
