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
from environments.sandboxes.contract import SandboxError
from environments.task import Task
from swebench_runs.errors import Exit
from swebench_runs.many_tasks.batch.executor import Executor, Threads
from swebench_runs.many_tasks.batch.task_queue import TaskQueue
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
    causes: dict[str, BaseException] = field(default_factory=dict)
    """The same failures as they were raised."""
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
) -> BatchResult:
    """Call ``work`` on every task, ``at_once`` at a time, until all are done or ``stop`` is set.

    ``work`` returns the decision in one line. It should end soon after ``stop`` is set; after ``GRACE`` seconds this
    returns all the same. The rest is as in ``run_on``.
    """
    threads = Threads(work, at_once, stop)
    return run_on(threads, tasks, progress=progress, stop=stop, on_failure=on_failure, tries=tries)


def run_on(
    executor: Executor,
    tasks: Sequence[Task],
    *,
    progress: Progress,
    stop: threading.Event,
    on_failure: Callable[[Task, str, str], None],
    on_decided: Callable[[Task], None] = lambda task: None,
    tries: int = 1,
    seconds: Callable[[Task], float] = lambda task: 0.0,
) -> BatchResult:
    """Have an executor work on every task until all are done or ``stop`` is set.

    Args:
        executor: threads, or the nodes of a cluster; it is closed in the end.
        tasks: in the order in which they begin, where ``seconds`` says nothing else.
        progress: is told of each.
        stop: ends the batch.
        on_failure: ``on_failure(task, reason, traceback)`` records what went wrong, each time.
        on_decided: ``on_decided(task)`` is called once a task is decided, in this thread.
        tries: how often a task is begun while the machine fails it.
        seconds: an estimate of what a task takes: the longest begin first.
    """
    result, queue = BatchResult(), TaskQueue(tasks, tries, seconds)
    told = _Told(result, queue, progress, on_failure, on_decided)
    waiting: dict[Future[str], Task] = {}
    while (waiting or queue) and not stop.is_set():
        while len(waiting) < executor.at_once and (task := queue.take()):
            waiting[executor.submit(task)] = task
        # The timeout lets the main thread see signals, which Python delivers between its bytecodes.
        over, _ = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
        if not waiting:
            stop.wait(0.2)  # all that is left waits for the machine
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
    queue: TaskQueue
    progress: Progress
    on_failure: Callable[[Task, str, str], None]
    on_decided: Callable[[Task], None]

    def finish(self, waiting: Mapping[Future[str], Task]) -> None:
        """Give stopped tasks their grace, and settle those that ended in it."""
        over, late = wait([future for future in waiting if not future.cancelled()], timeout=GRACE)
        for future in over:
            self.settle(future, waiting[future], last=True)
        for future in late:
            self.progress.failed(waiting[future].instance_id, "interrupted; the next run resumes it")

    def settle(self, future: Future[str], task: Task, *, last: bool = False) -> None:
        """Count what came of a task; the queue takes it back where the machine failed it, but not at the ``last``."""
        error = future.exception()
        if error is None:
            self.result.failed.pop(task.instance_id, None)
            self.result.causes.pop(task.instance_id, None)
            self.result.decided.append(task.instance_id)
            self.on_decided(task)
            self.progress.done(task.instance_id, future.result())
            return
        if isinstance(error, Interrupted):
            return
        reason = str(error) if isinstance(error, EXPECTED) else f"a bug in Runoff: {type(error).__name__}: {error}"
        self.result.failed[task.instance_id], self.result.causes[task.instance_id] = reason, error
        if isinstance(error, ModelUnusable):
            self.result.fatal = reason
        self.on_failure(task, reason, "".join(traceback.format_exception(error)))
        pause = self.queue.again(task) if isinstance(error, MACHINE) and not last else None
        if pause is None:
            self.progress.failed(task.instance_id, reason)
        else:
            self.progress.note(task.instance_id, f"again in {pause:.0f} s: {reason}")
            self.progress.stage(task.instance_id, "pause")  # a stage's name is a label of figures, and holds no text
