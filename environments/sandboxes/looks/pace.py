"""When to look at a disk again: the sooner, the less may still be written to it.

To count a sandbox's files takes long where they are many, and what it writes meanwhile, and until then, is over its
limit. What the disk has free is known at once, and whoever writes, it shrinks: so that is asked often, and a count
follows at once where a limit's worth of it is gone.
"""

from __future__ import annotations

import time
from pathlib import Path

from environments.sandboxes.looks.host import free_disk

_PAUSE, _SHORTEST = 0.05, 0.002
"""Seconds between two questions, at most and at least."""
_FASTEST = 2 << 30
"""Bytes that a program may write in a second, to memory first."""


class Pace:
    """The looks at one sandbox's disk while a command runs; times are those of ``time.monotonic``."""

    def __init__(self, place: Path | None, left: int, pause: float = _PAUSE) -> None:
        """Begin with a count due after ``pause`` seconds, the time between any two.

        ``place``: on the disk; None: one that cannot be seen from here. ``left``: bytes that may still be written.
        """
        self._place, self._pause = place, pause
        self.hurried = False
        """Whether the count that is due is out of turn: the disk has lost all that was left."""
        self._start(left, count_took=0.0)

    def is_due(self) -> bool:
        """Say whether to count now."""
        now = time.monotonic()
        if now < self.next:
            return False
        lost = self._free - self._free_now()
        self.hurried = lost >= self._left
        if now >= self._in_turn or (self.hurried and now >= self._soonest):
            return True
        self.next = now + self._wait(lost)
        return False

    def counted(self, left: int, began: float) -> None:
        """Take in what a count that began then has found to be left."""
        self._start(left, time.monotonic() - began)

    def _start(self, left: int, count_took: float) -> None:
        now = time.monotonic()
        self._left, self._free = left, self._free_now()
        # Counting may take a fifth of the time, out of turn half of it: others, too, may be writing to the disk.
        self._in_turn, self._soonest = now + max(self._pause, 4 * count_took), now + count_took
        self.next = now + self._wait(0)
        """When to ask again whether one is due."""

    def _free_now(self) -> int:
        return free_disk(self._place) if self._place else 0

    def _wait(self, lost: int) -> float:
        return min(_PAUSE, max(_SHORTEST, (self._left - lost) / _FASTEST))
