"""The event that ends one task: the run's own stop, or the task's deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from swebench_runs.errors import RunoffError


class TaskLate(RunoffError):
    """A task took longer than its deadline; the others go on, and the next sitting goes on with it."""


class TaskStop(threading.Event):
    """Set as soon as the run's stop is, or the task's time is over."""

    def __init__(self, run: threading.Event, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """``seconds``: from now on."""
        super().__init__()
        self._run, self._clock, self._deadline = run, clock, clock() + seconds

    @property
    def late(self) -> bool:
        """The task's time is over."""
        return self._clock() >= self._deadline

    def is_set(self) -> bool:
        """Tell whether the task is to end."""
        return self._run.is_set() or self.late

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end, so long at most; tell whether it came."""
        left = max(0.0, self._deadline - self._clock())
        self._run.wait(left if timeout is None else min(timeout, left))
        return self.is_set()
