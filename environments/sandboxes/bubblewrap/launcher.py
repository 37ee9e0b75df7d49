"""Starts every bwrap from one thread that never ends.

``--die-with-parent`` asks the kernel for a signal when the parent *thread* ends, not the process: a sandbox that a
pool's worker started would die with the worker.

Starting it makes this process the one to which the kernel gives its orphaned descendants (a child subreaper), so that
it can reap a sandbox's process 1 whose bwrap has ended before it.
"""

from __future__ import annotations

import ctypes
import os
import queue
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import Future

from environments.sandboxes.contract import SandboxError

_PR_SET_CHILD_SUBREAPER, _PR_GET_CHILD_SUBREAPER = 36, 37

_Start = Callable[[], "subprocess.Popen[bytes]"]


class Launcher:
    """One daemon thread with a queue of processes to start."""

    def __init__(self) -> None:
        adopt_orphans()
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


def adopt_orphans(adopt: bool = True) -> None:
    """Make this process a child subreaper (Linux 3.4), or no longer. SandboxError where the kernel refuses."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, int(adopt), 0, 0, 0):
        raise SandboxError(f"cannot adopt orphaned processes: {os.strerror(ctypes.get_errno())}")


def adopts_orphans() -> bool:
    """Tell whether this process is a child subreaper."""
    answer = ctypes.c_int()
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_GET_CHILD_SUBREAPER, ctypes.byref(answer), 0, 0, 0):
        raise SandboxError(f"cannot tell who adopts orphaned processes: {os.strerror(ctypes.get_errno())}")
    return bool(answer.value)


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
