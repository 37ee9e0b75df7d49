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
from environments.sandboxes.contract import SandboxError
from environments.task import Task
from swebench_runs.errors import Exit
from swebench_runs.many_tasks.task_queue import TaskQueue
from swebench_runs.one_task.progress import Progress

GRACE = 2.5
"""Seconds that tasks get to save and end after a stop; what is journalled by then is what the next run finds."""

EXPECTED = (Foreseen, OSError)
"""Failures of the machine around a task, told in one line; any other exception is a bug, told with its traceback."""


MACHINE = (SandboxError, OSError)
"""Failures of this machine, which may be over in a while; an endpoint's were waited for by whoever asked it."""


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
    tries: int = 1,
    seconds: Callable[[Task], float] = lambda task: 0.0,
) -> BatchResult:
    """Call ``work`` on every task, ``at_once`` at a time, until all are done or ``stop`` is set.

    Args:
        tasks: in the order in which they begin, where ``seconds`` says nothing else.
        work: returns the decision in one line. It should end soon after ``stop`` is set; after ``GRACE`` seconds this
            returns all the same.
        at_once: how many at a time.
        progress: is told of each.
        stop: ends the batch.
        on_failure: ``on_failure(task, reason, traceback)`` records what went wrong, each time.
        tries: how often a task is begun while the machine fails it.
        seconds: an estimate of what a task takes: the longest begin first.
    """
    result, queue = BatchResult(), TaskQueue(tasks, tries, seconds)
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="task")
    waiting: dict[Future[str], Task] = {}
    while (waiting or queue) and not stop.is_set():
        while len(waiting) < at_once and (task := queue.take()):
            waiting[pool.submit(_unless, stop, work, task)] = task
        # The timeout lets the main thread see signals, which Python delivers between its bytecodes.
        over, _ = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
        if not waiting:
            stop.wait(0.2)  # all that is left waits for the machine
        for future in over:
            _settle(future, waiting.pop(future), result, progress, on_failure, queue)
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
    queue: TaskQueue | None = None,
) -> None:
    """Count what came of a task; ``queue``: takes it back where the machine failed it and there are tries left."""
    error = future.exception()
    if error is None:
        result.failed.pop(task.instance_id, None)
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
    pause = queue.again(task) if queue is not None and isinstance(error, MACHINE) else None
    if pause is None:
        progress.failed(task.instance_id, reason)
    else:
        progress.stage(task.instance_id, f"again in {pause:.0f} s: {reason}")
