"""Requests and tokens a minute: what was sent in the last sixty seconds decides whether the next may go."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

WINDOW = 60.0

_LOOK = 0.5
"""Seconds between two looks of a waiting call at whether it was cancelled."""


@dataclass
class Sent:
    """One request of the window."""

    at: float
    tokens: int
    """The worst case while it is on its way, then what it took."""


class Rates:
    """The requests of one key. Safe under many threads; served in the order in which calls come."""

    def __init__(self, rpm: int | None, tpm: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._rpm, self._tpm, self._clock = rpm, tpm, clock
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._sent: deque[Sent] = deque()

    @property
    def limited(self) -> bool:
        """Tell whether there is anything to keep to."""
        return self._rpm is not None or self._tpm is not None

    def take(self, tokens: int, over: Callable[[], bool], wait: Callable[[float], object] = time.sleep) -> Sent | None:
        """Wait until a request of so many tokens may go; None where ``over`` said that the call is given up."""
        while not self._turn.acquire(timeout=_LOOK):
            if over():
                return None
        try:
            while not over():
                missing = self._missing(tokens)
                if isinstance(missing, Sent):
                    return missing
                wait(min(_LOOK, max(0.01, missing)))
            return None
        finally:
            self._turn.release()

    def settle(self, sent: Sent, tokens: int) -> None:
        """Replace a request's worst case by what it took."""
        with self._lock:
            sent.tokens = tokens

    def _missing(self, tokens: int) -> Sent | float:
        """Put a request on the record and return it, or the seconds until the next look is worth it.

        One that alone is more than a minute allows goes when the window is empty: the endpoint may know better.
        """
        with self._lock:
            now = self._clock()
            while self._sent and self._sent[0].at <= now - WINDOW:
                self._sent.popleft()
            many = self._rpm is not None and len(self._sent) >= self._rpm
            much = self._tpm is not None and sum(one.tokens for one in self._sent) + tokens > self._tpm
            if self._sent and (many or much):
                return self._sent[0].at + WINDOW - now
            sent = Sent(now, tokens)
            self._sent.append(sent)
            return sent
