"""Works through the tasks of a run: one model, one budget and one CPU lease for all, a base sandbox for each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence

from rich.console import Console

from agent.models.contract import Usage
from agent.models.local.catalog import is_embedded
from agent.trajectory.budgeted_model import Ledger
from agent.trajectory.journal import paid, read_journal
from environments.task import Task
from selection.decision import Decision
from swebench_runs.config import RunConfig
from swebench_runs.errors import RunoffError
from swebench_runs.many_tasks.batch import BatchResult, run_batch
from swebench_runs.many_tasks.capabilities import check_capabilities
from swebench_runs.many_tasks.connecting import connected
from swebench_runs.many_tasks.estimates import Estimates
from swebench_runs.many_tasks.interrupting import stop_on_signals
from swebench_runs.many_tasks.keys import check_keys
from swebench_runs.many_tasks.live import watch
from swebench_runs.many_tasks.time_check import too_short
from swebench_runs.one_task.ground.base_sandbox import OpenBase
from swebench_runs.one_task.losses import refusals
from swebench_runs.one_task.places import Places
from swebench_runs.one_task.pool import FILE, Pool
from swebench_runs.one_task.task_run import Shared, TaskRun
from swebench_runs.pipeline import resolve
from swebench_runs.run_folder import resuming
from swebench_runs.run_folder.store import Run
from swebench_runs.run_folder.task_folder import SO_FAR

_log = logging.getLogger(__name__)


def run_tasks(run: Run, tasks: Sequence[Task], open_base: OpenBase, console: Console) -> BatchResult:
    """Resolve the tasks of a run that have no decision yet; what is there already counts as decided.

    ``open_base`` gives each its base sandbox (a split's, or ``laid`` over a way to lay a tree).

    Ends early, with everything saved, on Ctrl-C or SIGTERM.
    """
    todo = [task for task in tasks if not run.decided(task.instance_id)]
    known = [task.instance_id for task in tasks if task not in todo]
    if known:
        console.print(
            f"{len(known)} of {len(tasks)} tasks are done already (--redo-existing does them again)", markup=False
        )
    if not todo:
        return BatchResult(decided=known)
    check_keys(run.config)
    for line in [*resuming.told(run.header), *check_capabilities(run.config), *too_short(run.config)]:
        console.print(line, markup=False, highlight=False)
    with stop_on_signals() as stop, connected(run.config, stop) as (models, lease), watch(console, len(todo)) as shown:
        shared = Shared(
            model=next(iter(models.values())),
            models=models,
            config=run.config,
            lease=lease,
            progress=shown,
            stop=stop,
            live=Places(run.config.workers),
        )
        estimates = Estimates(run, tasks)
        result = run_batch(
            todo,
            _Work(run, open_base, shared, [task.instance_id for task in todo], estimates.learn),
            at_once=_tasks_at_once(run.config, len(todo)),
            progress=shown,
            stop=stop,
            on_failure=lambda task, reason, trace: _record_failure(run, task, reason, trace),
            tries=run.config.task_tries,
            seconds=estimates.seconds,
        )
    run.write_predictions()
    _tell_losses(run, todo, console)
    result.decided[:0] = known
    return result


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


class _Work:
    """Resolves one task at a call; called from several threads."""

    def __init__(
        self,
        run: Run,
        open_base: OpenBase,
        shared: Shared,
        worked_on: Collection[str],
        decided: Callable[[Task], None],
    ) -> None:
        self._run = run
        self._decided = decided
        self._open_base = open_base
        self._shared = shared
        self._ledger = Ledger(run.config.limits.run)
        _charge(self._ledger, run, worked_on)

    def __call__(self, task: Task) -> str:
        """Resolve a task; returns its decision in one line."""
        run, shared = self._run, self._shared
        _refuse_if_spent(self._ledger)
        run.put(task)
        shared.progress.stage(task.instance_id, "environment")
        with self._open_base(task, run.id) as base:
            folder, ledger = run.task(task.instance_id), self._ledger.child(run.config.limits.task)
            decision = resolve(TaskRun(task=task, base=base, folder=folder, ledger=ledger, shared=shared))
        run.write_predictions()
        self._decided(task)
        return in_one_line(decision)


def _record_failure(run: Run, task: Task, reason: str, trace: str) -> None:
    """Put a failure on the task's record; where the disk has no room for it, the others go on all the same."""
    try:
        run.task(task.instance_id).event("infrastructure_error", reason=reason, traceback=trace)
    except OSError as error:
        _log.warning("%s: its failure could not be put on record: %s", task.instance_id, error)


def _charge(ledger: Ledger, run: Run, replayed: Collection[str]) -> None:
    """Count what earlier sittings took; records of tasks that are ``replayed`` are counted as that is done."""
    for name in run.instances:
        folder = run.task(name)
        for path in (*folder.superseded(), *([] if name in replayed else folder.journals())):
            for line in read_journal(path):
                for answer in paid(line):
                    ledger.charge(Usage.model_validate(answer["usage"]), answer["cost"])


def _refuse_if_spent(ledger: Ledger) -> None:
    """Leave a task for later instead of deciding it with nothing to spend."""
    limits, spent = ledger.limits, ledger.spent
    pairs = ((limits.turns, spent.turns), (limits.tokens, spent.tokens), (limits.cost, spent.cost))
    if ledger.seconds_left() == 0 or any(limit is not None and used >= limit for limit, used in pairs):
        raise RunoffError("the run's budget is used up: raise limits.run and give the same command again")


def in_one_line(decision: Decision) -> str:
    """Tell a decision in one line."""
    if decision.candidate is None:
        return f"no patch: {decision.reason}"
    chosen = f"patch {decision.candidate[:8]}"
    return f"{chosen}, not stood by: {decision.reason}" if decision.abstained else f"{chosen}: {decision.reason}"


def _tasks_at_once(config: RunConfig, tasks: int) -> int:
    """Enough tasks to keep ``workers`` trajectories live; an embedded model reads a task's prompt once if few mix."""
    if any(is_embedded(name) for name in config.models):
        return max(1, min(tasks, config.workers // config.editing))
    return min(tasks, config.workers)
