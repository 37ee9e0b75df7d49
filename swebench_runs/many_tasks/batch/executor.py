"""Where a batch hands its tasks to: threads of this process, or the nodes of a cluster (``cluster.driver``)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Protocol

from agent.models.contract import ModelUnusable
from agent.trajectory.session import Interrupted
from environments.task import Task


class Executor(Protocol):
    """Works on tasks elsewhere than in the caller's thread."""

    at_once: int
    """How many tasks it takes at a time."""

    def submit(self, task: Task) -> Future[str]:
        """Take a task on, to begin it when there is room; its decision in one line, or the exception that ended it."""
        ...

    def close(self) -> None:
        """Begin no further task, and cancel those that were not begun; does not wait for the others."""
        ...


class Threads:
    """An ``Executor`` of so many threads of this process."""

    def __init__(self, work: Callable[[Task], str], at_once: int, stop: threading.Event) -> None:
        """``work`` resolves one task. ``stop`` keeps tasks from being begun; an unusable model sets it."""
        self.at_once = at_once
        self._work = work
        self._stop = stop
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="task")

    def submit(self, task: Task) -> Future[str]:
        """Begin the task when a thread is free."""
        return self._pool.submit(copy_context().run, unless_stopped, self._stop, self._work, task)

    def close(self) -> None:
        """Begin no further task."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def unless_stopped(stop: threading.Event, work: Callable[[Task], str], task: Task) -> str:
    """Do the work on a task, or raise Interrupted where the run was stopped; an unusable model stops it."""
    if stop.is_set():
        raise Interrupted
    try:
        return work(task)
    except ModelUnusable:
        stop.set()  # every other task would fail the same way
        raise
