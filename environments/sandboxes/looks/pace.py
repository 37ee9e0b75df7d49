"""When to look at a disk again: the sooner, the less may still be written to it.

To count a sandbox's files takes long where they are many, and what it writes meanwhile, and until then, is over its
limit. What the disk has free is known at once, and whoever writes, it shrinks: so that is asked often, and a count
follows at once where a limit's worth of it is gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
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
        self.next = 0.0
        """When to ask again whether one is due."""
        self._start(left, count_took=0.0, written=0)

    def is_due(self, written: Callable[[], int] = lambda: 0) -> bool:
        """Say whether to count now; ``written``: returns the bytes that the sandbox's processes have written so far."""
        now = time.monotonic()
        if now < self.next:
            return False
        lost = self._free - self._free_now()
        self.hurried = lost >= self._left
        if now >= self._in_turn:
            return True
        if self.hurried and (now >= self._soonest or written() - self._written >= self._left):
            return True
        self.next = now + self._wait(lost)
        return False

    def counted(self, left: int, began: float, written: int = 0) -> None:
        """Take in what a count that began then has found to be left, and what was written by then."""
        self._start(left, time.monotonic() - began, written)

    def _start(self, left: int, count_took: float, written: int) -> None:
        now = time.monotonic()
        self._left, self._free, self._written = left, self._free_now(), written
        # Counting may take a fifth of the time, and half of it where it may be others who write to the disk.
        self._in_turn, self._soonest = now + max(self._pause, 4 * count_took), now + count_took
        self.next = now + self._wait(0)

    def _free_now(self) -> int:
        return free_disk(self._place) if self._place else 0

    def _wait(self, lost: int) -> float:
        return min(_PAUSE, max(_SHORTEST, (self._left - lost) / _FASTEST))
