"""Many tasks: so many at once, each on its own; one that fails does not touch the others."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from agent.models.contract import ModelUnusable
from agent.trajectory.session import Interrupted
from environments.errors import Foreseen
from environments.task import Task
from swebench_runs.errors import Exit
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
    result = BatchResult()
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="task")
    waiting = {pool.submit(_unless, stop, work, task): task for task in tasks}
    while waiting and not stop.is_set():
        # The timeout lets the main thread see signals, which Python delivers between its bytecodes.
        over, _ = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
        for future in over:
            _settle(future, waiting.pop(future), result, progress, on_failure)
    pool.shutdown(wait=False, cancel_futures=True)
    _finish(waiting, result, progress, on_failure)
    result.interrupted = stop.is_set() and result.fatal is None
    return result


def _unless(stop: threading.Event, work: Callable[[Task], str], task: Task) -> str:
    if stop.is_set():
        raise Interrupted
    try:
        return work(task)
    except ModelUnusable:
        stop.set()  # every other task would fail the same way
        raise


def _finish(
    waiting: Mapping[Future[str], Task],
    result: BatchResult,
    progress: Progress,
    on_failure: Callable[[Task, str, str], None],
) -> None:
    """Give stopped tasks their grace, and settle those that ended in it."""
    over, late = wait([future for future in waiting if not future.cancelled()], timeout=GRACE)
    for future in over:
        _settle(future, waiting[future], result, progress, on_failure)
    for future in late:
        progress.failed(waiting[future].instance_id, "interrupted; the next run resumes it")


def _settle(
    future: Future[str],
    task: Task,
    result: BatchResult,
    progress: Progress,
    on_failure: Callable[[Task, str, str], None],
) -> None:
    error = future.exception()
    if error is None:
        result.decided.append(task.instance_id)
        progress.done(task.instance_id, future.result())
        return
    if isinstance(error, Interrupted):
        return
    reason = str(error) if isinstance(error, EXPECTED) else f"a bug in Runoff: {type(error).__name__}: {error}"
    result.failed[task.instance_id] = reason
    if isinstance(error, ModelUnusable):
        result.fatal = reason
    on_failure(task, reason, "".join(traceback.format_exception(error)))
    progress.failed(task.instance_id, reason)
