"""The work on one task of a run, wherever it is done: a thread of the command, or of a node of a cluster."""

from __future__ import annotations

import platform
import threading
import time
from dataclasses import replace

from agent.trajectory.budgeted_model import Ledger
from agent.trajectory.session import Interrupted
from environments.observed import part
from environments.sandboxes.contract import MachineShort
from environments.sandboxes.leftovers import state_home
from environments.sandboxes.machine import disk_short
from environments.task import Task
from selection.decision import Decision
from swebench_runs.errors import RunoffError, UsageError
from swebench_runs.many_tasks.machine_record import measured, on_record
from swebench_runs.many_tasks.task_stop import TaskLate, TaskStop
from swebench_runs.one_task.ground.base_sandbox import OpenBase
from swebench_runs.one_task.task_run import Shared, TaskRun
from swebench_runs.pipeline import resolve
from swebench_runs.run_folder.folder_lock import FolderLock
from swebench_runs.run_folder.store import Run
from swebench_runs.run_folder.task_folder import TaskFolder, has_answer

LOCKED = 120.0
"""Seconds to wait for a task's folder, which another process that is just dying may still hold."""


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
        folder = self._run.task(task.instance_id)
        with _locked(folder, self._shared.stop):
            return self._work(task, folder)

    def _work(self, task: Task, folder: TaskFolder) -> str:
        run, seconds = self._run, self._run.config.deadlines.task
        _refuse_if_spent(self._ledger, folder)
        run.put(task)
        folder.event("begun", node=self._node)
        stop = TaskStop(self._shared.stop, seconds)
        try:
            with on_record(folder), part("task", task.instance_id):
                decision = self._resolve(task, folder, replace(self._shared, stop=stop))
        except Interrupted:
            if stop.late and not self._shared.stop.is_set():
                raise TaskLate(f"it took longer than deadlines.task, {seconds:g} s: the same command goes on") from None
            raise
        folder.event("decided")
        return in_one_line(decision)

    def _resolve(self, task: Task, folder: TaskFolder, shared: Shared) -> Decision:
        if short := disk_short(state_home()):
            raise MachineShort("disk", short)
        shared.progress.stage(task.instance_id, "environment")
        with self._open_base(task, self._run.id) as base, measured(folder, base):
            ledger = self._ledger.child(shared.config.limits.task)
            return resolve(TaskRun(task=task, base=base, folder=folder, ledger=ledger, shared=shared))


def _locked(folder: TaskFolder, stop: threading.Event) -> FolderLock:
    """Take a task's folder: nodes that a killed driver has left work on in it, where they share the run's folder.

    UsageError where another process holds it for long.
    """
    deadline = time.monotonic() + LOCKED
    while True:
        try:
            return FolderLock(folder.path)
        except UsageError:
            if time.monotonic() > deadline:
                raise
            if stop.wait(0.2):
                raise Interrupted from None


def _refuse_if_spent(ledger: Ledger, folder: TaskFolder) -> None:
    """Leave a task for later instead of deciding it with nothing to spend; one that has answers is decided by them."""
    limits, spent = ledger.limits, ledger.spent
    pairs = ((limits.turns, spent.turns), (limits.tokens, spent.tokens), (limits.cost, spent.cost))
    used_up = any(limit is not None and used >= limit for limit, used in pairs)
    if ledger.seconds_left() == 0 or (used_up and not any(map(has_answer, folder.journals()))):
        raise RunoffError("the run's budget is used up: raise limits.run and give the same command again")


def in_one_line(decision: Decision) -> str:
    """Tell a decision in one line."""
    if decision.candidate is None:
        return f"no patch: {decision.reason}"
    chosen = f"patch {decision.candidate[:8]}"
    return f"{chosen}, not stood by: {decision.reason}" if decision.abstained else f"{chosen}: {decision.reason}"
