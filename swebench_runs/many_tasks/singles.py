"""Single calls: what the same model does in one answer, without tests, turns or choosing. The measured comparison.

Each call sees what an editing trajectory without a test sees in its first turn, and its patch is graded like a
candidate's. Nothing that decides reads these calls: they are no part of ``pipeline.resolve`` and stand on no ballot.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from agent.context import Context
from agent.models.contract import Model
from agent.scaffolds.edit_and_test import edit
from agent.scaffolds.replies import ReplyForms
from agent.scaffolds.scaffold import Plan
from agent.trajectory.budgeted_model import Ledger
from agent.trajectory.trajectory import Trajectory
from environments.sandboxes.lease import Lease
from environments.task import Task
from environments.text import amount
from environments.workbench.workbench import Workbench
from selection.candidates import candidates_of
from swebench_runs.errors import UsageError
from swebench_runs.many_tasks.batch.batch import BatchResult, run_batch
from swebench_runs.one_task.ground.base_sandbox import OpenBase, scratch
from swebench_runs.one_task.progress import Progress
from swebench_runs.one_task.task_run import Shared, TaskRun
from swebench_runs.one_task.work import Work
from swebench_runs.run_folder.store import Run
from swebench_runs.run_folder.task_folder import TaskFolder
from verifiers.ballot import Candidate, Entries

FILE = "singles.json"
"""The calls' outcome, in the task's folder."""


class SingleCalls(BaseModel):
    """The single calls of one task."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trajectories: tuple[Trajectory, ...]
    candidates: tuple[Candidate, ...]
    entries: Entries
    """Which candidate each call's patch is, if it is one; the ids are those of the task's own candidates."""


def read_singles(folder: TaskFolder) -> SingleCalls | None:
    """Return a task's single calls; None when they were not made."""
    return folder.read(FILE, SingleCalls)


def run_singles(
    run: Run,
    tasks: Sequence[Task],
    open_base: OpenBase,
    models: Mapping[str, Model],
    *,
    lease: Lease,
    progress: Progress,
    stop: threading.Event,
    count: int = 4,
) -> BatchResult:
    """Make ``count`` single calls for every task of a run; a task whose calls are all there is left alone.

    A call that is on record is not made again. What failed of the machine is in the result; the next time goes on.
    """
    done = [task.instance_id for task in tasks if _made(run.task(task.instance_id), count)]
    todo = [task for task in tasks if task.instance_id not in done]
    shared = Shared.of(run.config, models, lease, progress, stop)

    def work(task: Task) -> str:
        with scratch(run.id) as scratch_folder, open_base(task, run.id) as base:
            folder, ledger = run.task(task.instance_id), Ledger(run.config.limits.task)
            task_run = TaskRun(task=task, base=base, folder=folder, ledger=ledger, shared=shared)
            record = scratch_folder / "executions.jsonl"  # single calls run nothing
            with Workbench(base, task, record=record, lease=lease) as bench:
                made = call_singly(Work(task_run, bench), count)
        return f"{amount(len(made.candidates), 'different patch', 'different patches')} of {amount(count, 'call')}"

    result = run_batch(
        todo,
        work,
        at_once=1,
        progress=progress,
        stop=stop,
        on_failure=lambda task, reason, trace: run.task(task.instance_id).event(
            "infrastructure_error", reason=reason, traceback=trace
        ),
    )
    result.decided[:0] = done
    return result


def call_singly(work: Work, count: int) -> SingleCalls:
    """Make one task's single calls and write their file. UsageError before the task's context was built."""
    context = work.folder.read("context.json", Context)
    if context is None:
        raise UsageError(f"{work.task.instance_id} has no context yet: resolve the run before its single calls")
    trajectories = work.trajectories(count, lambda index: _call(work, context, index))
    candidates, entries = candidates_of(trajectories, work.bench.read)
    made = SingleCalls(trajectories=tuple(trajectories), candidates=candidates, entries=entries)
    work.folder.write(FILE, made)
    return made


def _call(work: Work, context: Context, index: int) -> Trajectory:
    """An editing trajectory of one turn, without a test, a baseline or a directive, is a single call."""
    by = work.player("single", index)
    forms = ReplyForms(by.profile, context, work.bench.everything())
    plan = Plan(work.situation(context.text), forms, work.sampling(index, 1, "single", by.profile))
    with work.session("single", index, work.run.ledger, {}, by=by) as session:
        trajectory = edit(session, plan, index=index)
    return trajectory.model_copy(update={"id": f"single-{index}", "kind": "single", "model": by.name})


def _made(folder: TaskFolder, count: int) -> bool:
    made = read_singles(folder)
    return made is not None and len(made.trajectories) >= count
