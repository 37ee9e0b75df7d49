"""How many calls an endpoint gets at once: found out by what it pushes back.

It grows by one a round of answers and is halved at a push back (429, 503, 529), as networks share a line. Until the
first push back there is no bound.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from math import inf

LONGEST_PAUSE = 60.0
"""Seconds that one call's Retry-After may hold back the others."""

_LOOK = 0.5
"""Seconds between two looks of a waiting call at whether it was cancelled."""


class Concurrency:
    """The calls on their way to one endpoint. Safe under many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._limit = inf
        self._live = 0
        self._most = 0
        self._cut_at = -inf
        self._paused_until = -inf

    @property
    def limit(self) -> float:
        """How many calls it may have now."""
        return self._limit

    def enter(self, over: Callable[[], bool]) -> float | None:
        """Wait for a turn; returns when it came, or None where ``over`` said that the call is given up."""
        with self._changed:
            while not over():
                pause = self._paused_until - self._clock()
                if pause <= 0 and self._live < max(1, int(min(self._limit, 1e9))):
                    self._live += 1
                    self._most = max(self._most, self._live)
                    return self._clock()
                self._changed.wait(min(_LOOK, pause) if pause > 0 else _LOOK)
        return None

    def leave(self) -> None:
        """Give the turn back, whatever came of the call."""
        with self._changed:
            self._live -= 1
            self._changed.notify()

    def answered(self) -> None:
        """Note an answer: one more call a round, until more than ever were on their way would be let in."""
        with self._changed:
            if self._limit < inf:
                self._limit += 1 / max(1.0, self._limit)
                if self._limit > 2 * self._most:
                    self._limit = inf
                self._changed.notify_all()

    def pushed_back(self, entered: float, retry_after: float | None) -> bool:
        """Note a push back; returns whether it made the limit lower.

        Calls that were on their way together are one push back: those that ``entered`` before the last cut say
        nothing new.
        """
        with self._changed:
            if retry_after:
                pause = min(retry_after, LONGEST_PAUSE)
                self._paused_until = max(self._paused_until, self._clock() + pause)
            if entered <= self._cut_at:
                return False
            self._limit = max(1.0, min(self._limit, float(self._live)) / 2)
            self._cut_at = self._clock()
            return True
