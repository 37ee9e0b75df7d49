"""The run's budget on a cluster: each task is given an even share of what is left, and what it leaves goes to others.

No node can then spend beyond the run's ceilings, whatever it hears of the others.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from agent.trajectory.budget import Amount, Ceilings, FixedCeilings
from swebench_runs.errors import RunoffError


class Shares:
    """What of a run's ceilings is spent, and what is given out. Used by one thread."""

    def __init__(self, limits: Ceilings, spent: Amount, clock: Callable[[], float] = time.monotonic) -> None:
        """``spent``: by earlier sittings."""
        self._limits = limits
        self._spent = spent
        self._given: dict[str, FixedCeilings] = {}
        self._clock = clock
        self._began = clock()

    def give(self, task: str, waiting: int) -> FixedCeilings:
        """Return the ceilings of a task while so many others wait. RunoffError where nothing is left to give."""
        turns, tokens, cost = (self._share(kind, waiting + 1) for kind in ("turns", "tokens", "cost"))
        seconds = self._limits.seconds and max(0.0, self._limits.seconds - (self._clock() - self._began))
        share = FixedCeilings(
            turns=None if turns is None else int(turns),
            tokens=None if tokens is None else int(tokens),
            cost=cost,
            seconds=seconds,
        )
        if any(value is not None and value <= 0 for value in (share.turns, share.tokens, share.cost, share.seconds)):
            raise RunoffError("the run's budget is used up: raise limits.run and give the same command again")
        self._given[task] = share
        return share

    def take_back(self, task: str, spent: Amount) -> None:
        """Count what a task has spent; the rest of its share is free again."""
        self._given.pop(task, None)
        self._spent += spent

    def _share(self, kind: str, tasks: int) -> float | None:
        limit: float | None = getattr(self._limits, kind)
        if limit is None:
            return None
        held = sum(getattr(given, kind) or 0 for given in self._given.values())
        spent: float = getattr(self._spent, kind)
        return (limit - spent - held) / tasks
