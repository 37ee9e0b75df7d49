"""Many trajectories live at once in one process, a thread each: what one more of them takes of its memory.

Only the standard library is used here: mini-swe-agent's process counts the same way.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

_STACK = 1 << 20
"""Bytes of a thread's stack at most: only what is touched of it counts."""


class Muster:
    """Where every trajectory waits until all of them are there."""

    def __init__(self, count: int) -> None:
        """``count``: trajectories that will come."""
        self._count, self._here = count, 0
        self._changed = threading.Condition()
        self._open = False

    def wait(self) -> None:
        """Come, and stay until ``let_go``."""
        with self._changed:
            self._here += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._open)

    def gathered(self, failed: Callable[[], bool]) -> int:
        """Wait until all are there, or one has failed; return how many came."""
        with self._changed:
            while self._here < self._count and not failed():
                self._changed.wait(1.0)
            return self._here

    def let_go(self) -> None:
        """Let all go on, those too that come later."""
        with self._changed:
            self._open = True
            self._changed.notify_all()


def live_at_once(count: int, live: Callable[[int, Callable[[], None]], Any]) -> dict[str, Any]:
    """Run ``live(number, wait)`` in ``count`` threads, each of which calls ``wait`` once, far into its trajectory.

    Returns how many were live at the same time, what each then took of this process's memory beyond what it had
    before, and how long all took.
    """
    gc.collect()
    before, began, cpu = memory(), time.monotonic(), time.process_time()
    muster = Muster(count)
    threading.stack_size(_STACK)
    with ThreadPoolExecutor(count, thread_name_prefix="live") as pool:
        futures = [pool.submit(live, number, muster.wait) for number in range(count)]
        gathered = muster.gathered(lambda: any(future.done() for future in futures))
        gc.collect()
        during = memory()
        muster.let_go()
        done = [future.result() for future in futures]
    return {
        "count": count,
        "live_at_once": gathered,
        "handed_in": sum(bool(one) for one in done),
        "bytes_each": (during - before) // count,
        "bytes_before": before,
        "seconds": time.monotonic() - began,
        "cpu_seconds": time.process_time() - cpu,
    }


def memory() -> int:
    """Return the bytes that this process has in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")
