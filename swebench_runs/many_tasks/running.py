"""Works through the tasks of a run: one model, one budget and one CPU lease for all, a base sandbox for each."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from rich.console import Console

from agent.models.contract import Completion
from agent.models.local.catalog import is_embedded
from agent.trajectory.budgeted_model import Ledger
from environments.observed import part
from environments.task import Task
from swebench_runs.config import RunConfig
from swebench_runs.many_tasks.batch.batch import BatchResult, run_on
from swebench_runs.many_tasks.batch.estimates import Estimates
from swebench_runs.many_tasks.batch.executor import Executor, Threads
from swebench_runs.many_tasks.batch.interrupting import stop_on_signals
from swebench_runs.many_tasks.live_view.live import watch
from swebench_runs.many_tasks.models.capabilities import check_capabilities
from swebench_runs.many_tasks.models.connecting import connected
from swebench_runs.many_tasks.models.hopeless import find_hopeless
from swebench_runs.many_tasks.models.time_check import too_short
from swebench_runs.many_tasks.spent_before import charge_all
from swebench_runs.many_tasks.task_work import TaskWork
from swebench_runs.one_task.ground.base_sandbox import OpenBase
from swebench_runs.one_task.losses import refusals
from swebench_runs.one_task.pool import FILE, Pool
from swebench_runs.one_task.progress import Progress, together
from swebench_runs.one_task.task_run import Shared
from swebench_runs.run_folder import resuming
from swebench_runs.run_folder.store import Run
from swebench_runs.run_folder.task_folder import SO_FAR

_log = logging.getLogger(__name__)

AFTER_A_CHANGE = "once that is changed, the command goes on where it was"
"""What is said of a run that every call was refused to: the same command would be refused again."""

Where = Callable[[Run, Sequence[Task], Ledger, Progress, threading.Event], AbstractContextManager[Executor]]
"""Gives the executor that works on a run's tasks for the time of a block: ``in_threads``, or ``cluster.on_nodes``."""


def run_tasks(
    run: Run,
    tasks: Sequence[Task],
    open_base: OpenBase,
    console: Console,
    *,
    where: Where | None = None,
    asked: Sequence[Completion] | None = None,
    also: Sequence[Progress] = (),
) -> BatchResult:
    """Resolve the tasks of a run that have no decision yet; what is there already counts as decided.

    ``open_base`` gives each its base sandbox (a split's, or ``laid`` over a way to lay a tree). ``where``: who works on
    them, by default threads of this process. ``asked``: what ``find_hopeless`` came to, where the caller has looked.
    ``also``: watchers beside the console's.

    Ends early, with everything saved, on Ctrl-C or SIGTERM.
    """
    todo = [task for task in tasks if not run.decided(task.instance_id)]
    known = [task.instance_id for task in tasks if task not in todo]
    if known:
        by = "" if todo or not run.config.models else f" by {', '.join(run.config.models)}"
        console.print(
            f"{len(known)} of {len(tasks)} tasks are done already{by} (--redo-existing does them again)", markup=False
        )
    if not todo:
        run.write_predictions()  # the command may have been killed before it heard that the last ones were decided
        return BatchResult(decided=known)
    asked = find_hopeless(run.config) if asked is None else asked
    for line in [*resuming.told(run.header), *check_capabilities(run.config), *too_short(run.config)]:
        console.print(line, markup=False, highlight=False)
    ledger = Ledger(run.config.limits.run, knows_records=True)
    for word in asked:
        ledger.charge(word.usage, word.cost)
    charge_all(ledger, run)
    estimates = Estimates(run, tasks)

    def decided(task: Task) -> None:
        estimates.learn(task)
        _hand_in(run, task)

    def failed(task: Task, reason: str, trace: str) -> None:
        _record_failure(run, task, reason, trace)
        _hand_in(run, task)  # its best patch so far

    begin = where or partial(in_threads, open_base)
    with (
        stop_on_signals() as stop,
        part("run", run.id),
        watch(console, len(todo)) as view,
        begin(run, todo, ledger, shown := together(view, *also), stop) as executor,
    ):
        result = run_on(
            executor,
            todo,
            progress=shown,
            stop=stop,
            on_failure=failed,
            on_decided=decided,
            tries=run.config.task_tries,
            seconds=estimates.seconds,
        )
    run.write_predictions()
    _tell_losses(run, todo, console)
    result.decided[:0] = known
    return result


@contextmanager
def in_threads(
    open_base: OpenBase, run: Run, tasks: Sequence[Task], ledger: Ledger, progress: Progress, stop: threading.Event
) -> Iterator[Executor]:
    """Give threads of this process as an executor, with the run's models connected."""
    with connected(run.config, stop) as (models, lease):
        shared = Shared.of(run.config, models, lease, progress, stop)
        yield Threads(TaskWork(run, open_base, shared, ledger), _tasks_at_once(run.config, len(tasks)), stop)


def _tell_losses(run: Run, tasks: Sequence[Task], console: Console) -> None:
    """Say once, at the end, which requests the endpoint refused over all tasks; the report counts the rest."""
    pools = (run.task(task.instance_id).read(FILE, Pool) for task in tasks)
    for line in refusals([trajectory for pool in pools if pool for trajectory in pool.trajectories]):
        console.print(line, markup=False, highlight=False)


def undone(run: Run, tasks: Sequence[Task], result: BatchResult) -> list[str]:
    """Tell of every task that has no decision why, and what is handed in for it, in a line each."""
    lines = []
    for name in (task.instance_id for task in tasks):
        if not run.decided(name):
            handed_in = " (its best patch so far is in preds.json)" if run.task(name).has(SO_FAR) else ""
            lines.append(f"{name} was not done: {result.failed.get(name, 'the run ended before')}{handed_in}")
    return lines


def _record_failure(run: Run, task: Task, reason: str, trace: str) -> None:
    """Put a failure on the task's record; where the disk has no room for it, the others go on all the same."""
    try:
        run.task(task.instance_id).event("infrastructure_error", reason=reason, traceback=trace)
    except OSError as error:
        _log.warning("%s: its failure could not be put on record: %s", task.instance_id, error)


def _hand_in(run: Run, task: Task) -> None:
    """Put what a task has come to into preds.json; where the disk has no room now, the run's end writes it."""
    try:
        run.write_predictions()
    except OSError as error:
        _log.warning("%s: preds.json could not be written: %s", task.instance_id, error)


def _tasks_at_once(config: RunConfig, tasks: int) -> int:
    """Enough tasks to keep ``workers`` trajectories live; an embedded model reads a task's prompt once if few mix."""
    if any(is_embedded(name) for name in config.models):
        return max(1, min(tasks, config.workers // config.editing))
    return min(tasks, config.workers)
