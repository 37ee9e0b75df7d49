"""The run's budget on a cluster: each task is given an even share of what is left, and what it leaves goes to others.

No node can then spend beyond the run's ceilings, whatever it hears of the others.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable

from agent.trajectory.budget import Amount, Ceilings, FixedCeilings
from swebench_runs.errors import RunoffError


class Shares:
    """What of a run's ceilings is spent, and what is given out. Used by one thread."""

    def __init__(self, limits: Ceilings, spent: Amount, clock: Callable[[], float] = time.monotonic) -> None:
        """``spent``: by earlier sittings, in all; ``count`` says what of it is whose."""
        self._limits = limits
        self._before = spent
        self._spent = defaultdict[str, Amount](Amount)
        self._given: dict[str, Ceilings] = {}
        self._clock = clock
        self._began = clock()

    def count(self, task: str, recorded: Amount) -> None:
        """Count what of that which earlier sittings have spent is a task's own, and will be charged to its share."""
        self._before -= recorded
        self._spent[task] = recorded

    def give(self, task: str, waiting: int) -> FixedCeilings:
        """Return the ceilings of a task while so many others wait.

        RunoffError where nothing is left to give, but to a task that has answers: it is decided by them.
        """
        turns, tokens, cost = (self._share(kind, waiting + 1) for kind in ("turns", "tokens", "cost"))
        turns, tokens = turns and int(turns), tokens and int(tokens)
        seconds = self._limits.seconds and max(0.0, self._limits.seconds - (self._clock() - self._began))
        tried = self._spent[task]  # by its tries before, whose records are charged to the share again
        used_up = any(value is not None and value <= 0 for value in (turns, tokens, cost)) and not tried.turns
        if used_up or seconds == 0:
            raise RunoffError("the run's budget is used up: raise limits.run and give the same command again")
        share = FixedCeilings(
            turns=None if turns is None else max(0, int(turns)) + tried.turns,
            tokens=None if tokens is None else max(0, int(tokens)) + tried.tokens,
            cost=None if cost is None else max(0.0, cost) + tried.cost,
            seconds=seconds,
        )
        self._given[task] = share
        return share

    def hold(self, task: str, share: Ceilings) -> None:
        """Count a share that an earlier driver has given, and that is not taken back."""
        self._given[task] = share

    def take_back(self, task: str, spent: Amount | None = None) -> None:
        """Count what a task has spent, its tries before included; the rest of its share is free again.

        None: nobody knows, or it is counted already.
        """
        self._given.pop(task, None)
        if spent is not None:
            known = self._spent[task]  # a try that ends before it has read its records knows less
            self._spent[task] = Amount(
                max(known.turns, spent.turns), max(known.tokens, spent.tokens), max(known.cost, spent.cost)
            )

    def _share(self, kind: str, tasks: int) -> float | None:
        limit: float | None = getattr(self._limits, kind)
        if limit is None:
            return None
        held: float = sum(
            max(0, (getattr(given, kind) or 0) - getattr(self._spent[task], kind))
            for task, given in self._given.items()
        )
        spent: float = sum(getattr(amount, kind) for amount in (self._before, *self._spent.values()))
        return (limit - spent - held) / tasks
