"""Many tasks: so many at once, each on its own; one that fails does not touch the others."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field

from agent.models.contract import ModelUnusable
from agent.trajectory.session import Interrupted
from environments.errors import Foreseen
from environments.task import Task
from swebench_runs.errors import Exit
from swebench_runs.many_tasks.executor import Executor, Threads
from swebench_runs.one_task.progress import Progress

GRACE = 2.5
"""Seconds that tasks get to save and end after a stop; what is journalled by then is what the next run finds."""

EXPECTED = (Foreseen, OSError)
"""Failures of the machine around a task, told in one line; any other exception is a bug, told with its traceback."""


@dataclass
class BatchResult:
    """What came of a batch."""

    decided: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    """Instance id -> why it could not be worked on (never: why it was not resolved)."""
    interrupted: bool = False
    fatal: str | None = None
    """Why the batch ended early though nobody stopped it: the endpoint refuses every call."""

    @property
    def exit_code(self) -> Exit:
        """What a command that did nothing else ends with."""
        return Exit.INTERRUPTED if self.interrupted else Exit.FAILED_TASKS if self.failed else Exit.DONE


def run_batch(
    tasks: Sequence[Task],
    work: Callable[[Task], str],
    *,
    at_once: int,
    progress: Progress,
    stop: threading.Event,
    on_failure: Callable[[Task, str, str], None],
) -> BatchResult:
    """Call ``work`` on every task, ``at_once`` at a time, until all are done or ``stop`` is set.

    ``work`` returns the decision in one line. It should end soon after ``stop`` is set; after ``GRACE`` seconds
    this returns all the same. ``on_failure(task, reason, traceback)`` records what went wrong.
    """
    threads = Threads(work, at_once, stop)
    return run_on(threads, tasks, progress=progress, stop=stop, on_failure=on_failure)


def run_on(
    executor: Executor,
    tasks: Sequence[Task],
    *,
    progress: Progress,
    stop: threading.Event,
    on_failure: Callable[[Task, str, str], None],
    on_decided: Callable[[Task], None] = lambda task: None,
) -> BatchResult:
    """Have an executor work on every task until all are done or ``stop`` is set; see ``run_batch``.

    ``on_decided(task)`` is called once a task is decided, in this thread.
    """
    result = BatchResult()
    waiting = {executor.submit(task): task for task in tasks}
    told = _Told(result, progress, on_failure, on_decided)
    while waiting and not stop.is_set():
        # The timeout lets the main thread see signals, which Python delivers between its bytecodes.
        over, _ = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
        for future in over:
            told.settle(future, waiting.pop(future))
    executor.close()
    told.finish(waiting)
    result.interrupted = stop.is_set() and result.fatal is None
    return result


@dataclass(frozen=True)
class _Told:
    """Puts what came of tasks into the result, on record, and before whoever watches."""

    result: BatchResult
    progress: Progress
    on_failure: Callable[[Task, str, str], None]
    on_decided: Callable[[Task], None]

    def finish(self, waiting: Mapping[Future[str], Task]) -> None:
        """Give stopped tasks their grace, and settle those that ended in it."""
        over, late = wait([future for future in waiting if not future.cancelled()], timeout=GRACE)
        for future in over:
            self.settle(future, waiting[future])
        for future in late:
            self.progress.failed(waiting[future].instance_id, "interrupted; the next run resumes it")

    def settle(self, future: Future[str], task: Task) -> None:
        """Tell what came of a task that is over."""
        error = future.exception()
        if error is None:
            self.result.decided.append(task.instance_id)
            self.on_decided(task)
            self.progress.done(task.instance_id, future.result())
            return
        if isinstance(error, Interrupted):
            return
        reason = str(error) if isinstance(error, EXPECTED) else f"a bug in Runoff: {type(error).__name__}: {error}"
        self.result.failed[task.instance_id] = reason
        if isinstance(error, ModelUnusable):
            self.result.fatal = reason
        self.on_failure(task, reason, "".join(traceback.format_exception(error)))
        self.progress.failed(task.instance_id, reason)
