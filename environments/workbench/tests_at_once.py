"""How many tests run at once, over the whole process: as many as this machine gives it cores, whoever asks.

Tasks are many, graders and validations run beside them, and each has threads of its own that want to run tests. A test
that shares its core with others is slow, and slow is told apart from wrong by nobody: its time-out would become a vote
or a regression. So each waits here for its turn, before its sandbox's clock starts. While the machine is short of
memory they run one after the other.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from environments.sandboxes import machine


class Turns:
    """So many at a time, in the order in which they asked. Safe to use from any thread."""

    def __init__(self, count: int, room: Callable[[], bool] = lambda: True) -> None:
        """``count``: how many have their turn at the same time; while there is no ``room``, one."""
        self.count = count
        self._room = room
        self._free = count
        self._lock = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        """Who waits. Each is woken alone: hundreds that were all woken at every change would do nothing else."""
        self._mine = threading.local()

    @property
    def held(self) -> int:
        """How many have their turn now."""
        return self.count - self._free

    @property
    def waiting(self) -> int:
        """How many wait for their turn now."""
        with self._lock:
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
            with self._lock:
                self._give()

    def _take(self) -> None:
        with self._lock:
            mine = threading.Event()
            self._queue.append(mine)
            self._serve()
        try:
            mine.wait()
        except BaseException:  # Ctrl-C: whoever no longer waits must not keep the turn
            with self._lock:
                if mine.is_set():
                    self._give()
                else:
                    self._queue.remove(mine)
            raise

    def _give(self) -> None:
        self._free += 1
        self._serve()

    def _serve(self) -> None:
        """Wake who comes next. Where there is no room somebody has a turn, and at its end this is asked again."""
        while self._queue and self._free and (self._free == self.count or self._room()):
            self._free -= 1
            self._queue.popleft().set()


TURNS = Turns(machine.cores(), machine.has_memory)
"""Of every test that this process runs; one for each core that it may use."""
