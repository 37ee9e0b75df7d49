"""How many sandboxes stand open, over the whole process: those that are worked in wait for a place, idle ones give way.

A tree that is worked in keeps its sandbox while a model answers. Tests do not wait for it here: their forks are short,
and bounded by ``tests_at_once``. Patched trees that stand ready for more tests are let go of first, those used longest
ago before the others; they are made again when they are needed.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LetGo = Callable[[], bool]
"""Closes an idle sandbox; tells whether it was idle still, and is closed."""


class OpenSandboxes:
    """So many at a time. Safe to use from any thread."""

    def __init__(self, most: int | None = None) -> None:
        """``most``: sandboxes that stand open at a time; None: as many as are asked for."""
        self._most = most
        self._lock = threading.Lock()
        self._count = 0
        self._leaving = 0
        """Idle ones that are being let go of, counted as open still."""
        self._idle: OrderedDict[object, LetGo] = OrderedDict()
        self._waiting: deque[threading.Event] = deque()
        self._held: Counter[int] = Counter()
        """Thread -> sandboxes that it works in."""

    @property
    def count(self) -> int:
        """How many stand open."""
        with self._lock:
            return self._count

    @property
    def waiting(self) -> int:
        """How many threads wait for a place."""
        with self._lock:
            return len(self._waiting)

    @contextmanager
    def worked_in(self) -> Iterator[None]:
        """Wait for the place of a sandbox that is worked in, and hold it for the block.

        A thread that holds one gets a further one at once: if each of two waited for the other's, none would go on.
        """
        thread = threading.get_ident()
        self._take(thread)
        try:
            yield
        finally:
            with self._lock:
                self._held[thread] -= 1
                self._count -= 1
                self._serve()

    def opened(self) -> None:
        """Count a sandbox that waits for nobody; where there are too many, idle ones give way."""
        with self._lock:
            self._count += 1
        self._make_room()

    def closed(self) -> None:
        """Count one less."""
        with self._lock:
            self._count -= 1
            self._serve()

    def idle(self, name: object, let_go: LetGo) -> None:
        """Say that a sandbox is used by nobody now."""
        with self._lock:
            self._idle[name] = let_go
            self._idle.move_to_end(name)
        self._make_room()

    def used(self, name: object) -> None:
        """Say that it is used again, or closed."""
        with self._lock:
            self._idle.pop(name, None)

    def _take(self, thread: int) -> None:
        self._make_room(1)
        with self._lock:
            if self._held[thread] or self._room():
                self._count += 1
                self._held[thread] += 1
                return
            mine = threading.Event()
            self._waiting.append(mine)
        try:
            mine.wait()
        except BaseException:  # Ctrl-C: whoever no longer waits must not keep the place
            with self._lock:
                if mine.is_set():
                    self._count -= 1
                    self._serve()
                else:
                    self._waiting.remove(mine)
            raise
        with self._lock:
            self._held[thread] += 1

    def _room(self) -> bool:
        return self._most is None or self._count < self._most

    def _serve(self) -> None:
        while self._waiting and self._room():
            self._count += 1
            self._waiting.popleft().set()

    def _make_room(self, more: int = 0) -> None:
        """Let go of idle sandboxes until those that wait, and ``more``, have room, as long as there are any."""
        while True:
            with self._lock:
                wanted = self._count - self._leaving + len(self._waiting) + more
                if self._most is None or wanted <= self._most or not self._idle:
                    return
                _, let_go = self._idle.popitem(last=False)
                self._leaving += 1
            try:
                let_go()  # outside of the lock: it closes a sandbox, which counts one less here
            finally:
                with self._lock:
                    self._leaving -= 1
