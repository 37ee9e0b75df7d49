"""The places of live trajectories, over all tasks of a process: whoever holds fewest is served first.

A task with many trajectories asks for many places at once. Served in the order of asking, it would keep the others
waiting until its last one; so a free place goes to the task that holds fewest, and among those to who came first.
A trajectory keeps its place from start to end, also while a model answers; tests need none of these (see
``environments.workbench.tests_at_once``).
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager


class Places:
    """So many at a time. Safe to use from any thread."""

    def __init__(self, count: int) -> None:
        """``count``: how many places there are."""
        self._free = count
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()
        self._waiting: dict[str, deque[threading.Event]] = {}
        """Task -> who waits; the tasks stand in the order in which they came, or were served last."""

    @property
    def waiting(self) -> int:
        """How many wait for a place now."""
        with self._lock:
            return sum(map(len, self._waiting.values()))

    @contextmanager
    def place(self, task: str) -> Iterator[None]:
        """Wait for a place in the name of a task, and hold it for the block."""
        self._take(task)
        try:
            yield
        finally:
            with self._lock:
                self._give_back(task)

    def _take(self, task: str) -> None:
        with self._lock:
            if self._free > 0:
                self._free -= 1
                self._held[task] += 1
                return
            mine = threading.Event()
            self._waiting.setdefault(task, deque()).append(mine)
        try:
            mine.wait()
        except BaseException:  # Ctrl-C: whoever no longer waits must not keep the place
            with self._lock:
                if mine.is_set():
                    self._give_back(task)
                else:
                    self._leave(task, mine)
            raise

    def _give_back(self, task: str) -> None:
        self._held[task] -= 1
        if not self._held[task]:
            del self._held[task]
        if not self._waiting:
            self._free += 1
            return
        served = min(self._waiting, key=lambda name: self._held[name])
        first = self._waiting[served][0]
        self._leave(served, first)
        if served in self._waiting:  # behind those that hold as many
            self._waiting[served] = self._waiting.pop(served)
        self._held[served] += 1
        first.set()

    def _leave(self, task: str, waiting: threading.Event) -> None:
        self._waiting[task].remove(waiting)
        if not self._waiting[task]:
            del self._waiting[task]
