"""How many calls an endpoint gets at once: found out by what it pushes back (429, 503, 529).

As networks share a line: it grows by one a round of answers, and is cut at most once a round, by half where the
endpoint pushes all calls back and by less where it pushes a few back (RFC 8257). So a burst of refusals is one cut, not
one for each of its calls, and an endpoint that refuses one call of ten at random is not asked one at a time. Until the
first push back there is no bound. A Retry-After holds all calls back where most are refused; among calls that are
answered it is the matter of the one that was told so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, inf
from weakref import WeakValueDictionary

LONGEST_PAUSE = 60.0
"""Seconds that one call's Retry-After may hold back the others."""

_LOOK = 0.5
"""Seconds between two looks of a waiting call at whether it was cancelled."""

_NEWS = 0.25
"""What the last round counts for beside those before it."""


@dataclass
class _Round:
    """As many calls as were let in at once, counted as they come back."""

    size: int
    back: int = 0
    refused: int = 0
    peak: int = 0
    """The most that were on their way at once."""
    cut: bool = False
    """The limit was made lower in it."""


class Concurrency:
    """The calls on their way to one endpoint. Safe under many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int | None = None) -> None:
        """``most``: calls at once at most, whatever the endpoint would take; None: as it will."""
        self._clock = clock
        self._ceiling = inf if most is None else most
        self._changed = threading.Condition()
        self._limit = inf
        self._live = 0
        self._most = 0
        self._cut_at = -inf
        self._paused_until = -inf
        self._share = 1.0
        """Of a round's calls, how many were lately pushed back."""
        self._round = _Round(1)
        self._before = _Round(1)
        """The round before: some of its calls are still to come back."""

    @property
    def limit(self) -> float:
        """How many calls it may have now."""
        return min(self._limit, self._ceiling)

    def enter(self, over: Callable[[], bool]) -> float | None:
        """Wait for a turn; returns when it came, or None where ``over`` said that the call is given up."""
        with self._changed:
            while not over():
                pause = self._paused_until - self._clock()
                if pause <= 0 and self._live < max(1, int(min(self.limit, 1e9))):
                    self._live += 1
                    self._most = max(self._most, self._live)
                    self._round.peak = max(self._round.peak, self._live)
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
            self._limit += 1 / self._limit
            self._came_back(refused=False)
            if self._limit > 2 * self._most:
                self._limit = inf
            self._changed.notify_all()

    def pushed_back(self, entered: float, retry_after: float | None) -> bool:
        """Note a push back; returns whether it made the limit lower.

        Calls that were on their way together are one push back: those that ``entered`` before the last cut say
        nothing new.
        """
        with self._changed:
            cuts = entered > self._cut_at and not self._round.cut
            if cuts:
                at_once = min(self._limit, max(self._round.peak, self._before.peak))
                share = 1.0 if self._limit == inf else self._share
                self._limit = max(1.0, at_once * (1 - share / 2))
                self._cut_at, self._round.cut = self._clock(), True
            if retry_after and self._refuses_most():
                pause = min(retry_after, LONGEST_PAUSE)
                self._paused_until = max(self._paused_until, self._clock() + pause)
            self._came_back(refused=True)
            return cuts

    def _refuses_most(self) -> bool:
        """Tell whether a refused call is one of many, in this round and the one before."""
        both = self._round, self._before
        return 2 * sum(one.refused for one in both) + 1 >= sum(one.back for one in both)

    def _came_back(self, *, refused: bool) -> None:
        """Count a call that is over; a whole round of them tells what share is pushed back."""
        now = self._round
        now.back += 1
        now.refused += refused
        if now.back >= now.size:
            self._share += _NEWS * (now.refused / now.back - self._share)
            size = max(1, now.peak if self._limit == inf else ceil(self._limit))
            self._round, self._before = _Round(size, peak=self._live), now


_LOCK = threading.Lock()
_BY_ADDRESS: WeakValueDictionary[tuple[str, int | None], Concurrency] = WeakValueDictionary()


def calls_to(address: str, most: int | None) -> Concurrency:
    """Return the calls to an address: all models of this process that are served there share them.

    Where litellm finds the address (it is empty), each model counts for itself: vendors do so too.
    """
    if not address:
        return Concurrency(most=most)
    with _LOCK:
        known = _BY_ADDRESS.get((address, most))
        if known is None:
            known = _BY_ADDRESS[address, most] = Concurrency(most=most)
        return known
