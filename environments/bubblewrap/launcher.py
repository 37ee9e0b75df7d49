"""Starts every bwrap from one thread that never ends.

``--die-with-parent`` asks the kernel for a signal when the parent *thread* ends, not the process: a sandbox that a
pool's worker started would die with the worker.
"""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import Future

_Start = Callable[[], "subprocess.Popen[bytes]"]


class Launcher:
    """One daemon thread with a queue of processes to start."""

    def __init__(self) -> None:
        self._orders: queue.SimpleQueue[tuple[_Start, Future[subprocess.Popen[bytes]]]] = queue.SimpleQueue()
        threading.Thread(target=self._serve, name="runoff-launcher", daemon=True).start()

    def start(self, order: _Start) -> subprocess.Popen[bytes]:
        """Run ``order`` on the launcher's thread and return what it started, or raise what it raised."""
        answer: Future[subprocess.Popen[bytes]] = Future()
        self._orders.put((order, answer))
        return answer.result()

    def _serve(self) -> None:
        while True:
            order, answer = self._orders.get()
            try:
                answer.set_result(order())
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                answer.set_exception(error)


_lock = threading.Lock()
_launcher: Launcher | None = None


def launcher() -> Launcher:
    """Return this process's launcher."""
    global _launcher
    with _lock:
        if _launcher is None:
            _launcher = Launcher()
        return _launcher


def _forget() -> None:
    # A forked child of Runoff has no launcher thread, whatever its memory says.
    global _launcher, _lock
    _launcher, _lock = None, threading.Lock()


os.register_at_fork(after_in_child=_forget)
