"""How many tests run at once, over the whole process: as many as this machine gives it cores, whoever asks.

Tasks are many, graders and validations run beside them, and each has threads of its own that want to run tests. A test
that shares its core with others is slow, and slow is told apart from wrong by nobody: its time-out would become a vote
or a regression. So each waits here for its turn, before its sandbox's clock starts.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """So many at a time, in the order in which they asked. Safe to use from any thread."""

    def __init__(self, count: int) -> None:
        """``count``: how many have their turn at the same time."""
        self.count = count
        self._free = count
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()
        self._mine = threading.local()

    @property
    def waiting(self) -> int:
        """How many wait for their turn now."""
        with self._changed:
            return len(self._queue)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and hold it for the block; a thread that holds one goes on with it."""
        if getattr(self._mine, "held", False):
            yield
            return
        self._take()
        self._mine.held = True
        try:
            yield
        finally:
            self._mine.held = False
            with self._changed:
                self._free += 1
                self._changed.notify_all()

    def _take(self) -> None:
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            try:
                self._changed.wait_for(lambda: self._free > 0 and self._queue[0] is ticket)
                self._free -= 1
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()


TURNS = Turns(len(os.sched_getaffinity(0)))
"""Of every test that this process runs; one for each core that it may use."""
