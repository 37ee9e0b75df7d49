"""The work on one task of a run, wherever it is done: a thread of the command, or of a node of a cluster."""

from __future__ import annotations

import platform

from agent.trajectory.budgeted_model import Ledger
from environments.task import Task
from selection.decision import Decision
from swebench_runs.errors import RunoffError
from swebench_runs.one_task.ground.base_sandbox import OpenBase
from swebench_runs.one_task.task_run import Shared, TaskRun
from swebench_runs.pipeline import resolve
from swebench_runs.run_folder.store import Run


class TaskWork:
    """Resolves one task at a call; called from several threads."""

    def __init__(self, run: Run, open_base: OpenBase, shared: Shared, ledger: Ledger, node: str = "") -> None:
        """``ledger``: the run's account, of which each task's is a part. ``node``: where this is, for the record."""
        self._run = run
        self._open_base = open_base
        self._shared = shared
        self._ledger = ledger
        self._node = node or platform.node()

    def __call__(self, task: Task) -> str:
        """Resolve a task; returns its decision in one line."""
        run, shared = self._run, self._shared
        _refuse_if_spent(self._ledger)
        run.put(task)
        folder = run.task(task.instance_id)
        folder.event("begun", node=self._node)
        shared.progress.stage(task.instance_id, "environment")
        with self._open_base(task, run.id) as base:
            ledger = self._ledger.child(run.config.limits.task)
            decision = resolve(TaskRun(task=task, base=base, folder=folder, ledger=ledger, shared=shared))
        folder.event("decided")
        return in_one_line(decision)


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
