"""What is told of tries that fail: the first of its kind at once, then now and then, however many calls wait."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)

FIRST_SILENCE = 15.0
"""Seconds in which the same is not told again; each silence is twice as long as the one before."""
LONGEST_SILENCE = 120.0
FORGOTTEN = 300.0
"""Seconds without a failure of a kind after which the next is news."""
_KIND = 40
"""Characters of a reason that tell its kind: what follows is often a number or an id."""
_MOST_KINDS = 50


@dataclass
class _Kind:
    told: float
    silence: float = FIRST_SILENCE
    last: float = 0.0
    untold: int = 0


class Telling:
    """The failures of one endpoint, for the log. Safe under many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kinds: dict[str, _Kind] = {}

    def failed(self, endpoint: str, tries: int, wait: float, reason: str) -> None:
        """Tell, if it is time for it, that try number ``tries`` of a call failed and the next comes in ``wait`` s."""
        untold = self._news(reason[:_KIND])
        if untold is None:
            return
        of = f"{endpoint}: " if endpoint else ""
        more = f" ({untold} more failed so since this was last told)" if untold else ""
        log.warning("%stry %d failed, next in %.1f s: %s%s", of, tries, wait, reason, more)

    def _news(self, kind: str) -> int | None:
        """Return how many failures of this kind were not told, or None while it is not time to tell."""
        now = self._clock()
        with self._lock:
            known = self._kinds.get(kind)
            if known is None or now - known.last > FORGOTTEN:
                if len(self._kinds) >= _MOST_KINDS:
                    self._kinds.clear()
                self._kinds[kind] = _Kind(told=now, last=now)
                return 0
            known.last = now
            if now - known.told < known.silence:
                known.untold += 1
                return None
            untold, known.untold, known.told = known.untold, 0, now
            known.silence = min(2 * known.silence, LONGEST_SILENCE)
            return untold
