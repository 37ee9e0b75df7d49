"""The tasks that a run has asked its cluster for, each with the future of its decision."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

from environments.task import Task


class Futures:
    """What was asked for and is not settled. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tasks: dict[str, tuple[Task, Future[str]]] = {}
        self._submitted: list[Task] = []
        self._early: dict[str, Callable[[Future[str]], None]] = {}
        """What came of tasks before they were asked for: nodes that an earlier driver has left tell it at once."""
        self._ended: BaseException | None = None

    def submit(self, task: Task) -> Future[str]:
        """Take a task, and return the future of its decision in one line."""
        future: Future[str] = Future()
        with self._lock:
            outcome = self._early.pop(task.instance_id, None)
            if self._ended:
                future.set_exception(self._ended)
            elif outcome:
                outcome(future)
            else:
                self._tasks[task.instance_id] = task, future
                self._submitted.append(task)
        return future

    def cancel(self) -> None:
        """Have every task not begin that no node works on."""
        with self._lock:
            for _, future in self._tasks.values():
                future.cancel()  # nothing happens to one that a node works on

    def submitted(self) -> list[Task]:
        """Return the tasks that were submitted since the last call."""
        with self._lock:
            taken, self._submitted = self._submitted, []
        return taken

    def wanted(self, name: str) -> Task | None:
        """Return a task, or None where it was settled or cancelled while it waited."""
        with self._lock:
            task, future = self._tasks.get(name, (None, None))
        return None if future is None or future.cancelled() else task

    def begin(self, name: str) -> bool:
        """Mark a task as worked on, the first time; False where it was settled or cancelled at the last moment."""
        with self._lock:
            _, future = self._tasks.get(name, (None, None))
            return future is not None and (future.running() or future.set_running_or_notify_cancel())

    def decide(self, name: str, line: str) -> None:
        """Settle a task by its decision."""
        self._settle(name, lambda future: future.set_result(line))

    def fail(self, name: str, error: BaseException) -> None:
        """Settle a task by what ended it."""
        self._settle(name, lambda future: future.set_exception(error))

    def fail_all(self, error: BaseException) -> None:
        """Settle every task by the same error."""
        with self._lock:
            names = list(self._tasks)
        for name in names:
            self.fail(name, error)

    def end(self, error: BaseException) -> None:
        """Settle every task by what ended the driving, those too that are submitted later."""
        with self._lock:
            self._ended = error
        self.fail_all(error)

    def _settle(self, name: str, outcome: Callable[[Future[str]], None]) -> None:
        with self._lock:
            _, future = self._tasks.pop(name, (None, None))
            if future is None:
                self._early[name] = outcome
        if future and not future.done():
            outcome(future)
