"""What came through each stage of a run, what it cost, and where the unresolved tasks were lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from pydantic import BaseModel, ConfigDict

from agent.models.contract import Usage
from swebench_runs.figures.metrics.bootstrap import Estimate, Resampler
from swebench_runs.figures.metrics.graded import GradedTask, TrajectorySummary


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Funnel(_Frozen):
    """Counts, stage by stage."""

    tasks: int
    evaluated: int
    tests: int
    """Distinct generated tests, examples of the issue included."""
    tests_reproducing: int
    tasks_with_example_test: int
    """Tasks with an example of the issue that reproduces it."""
    tasks_with_reproducing_test: int
    trajectories: int
    """Editing trajectories asked for."""
    endings: dict[str, int]
    """Ending -> editing trajectories that ended so."""
    patched: int
    """Editing trajectories that ended with a patch."""
    applied: int
    """... with one that applies."""
    verified: int
    """... whose own test fails on the base and passes on the patch."""
    gated: int
    """... whose patch breaks no existing test."""
    resolved: int
    """... whose patch resolves the task."""
    tasks_with_resolving_patch: int
    stood_by: int
    """Tasks on which Runoff did not abstain."""
    stood_by_resolved: int
    tasks_resolved: int


def funnel(tasks: Sequence[GradedTask]) -> Funnel:
    """Count what came through each stage."""
    edits = [trajectory for task in tasks for trajectory in of_kind(task, "edit")]
    reproducing = [sum(map(task.ballot.reproduces, task.ballot.tests)) for task in tasks]
    stood_by = [task for task in tasks if task.decision is not None and not task.decision.abstained]
    return Funnel(
        tasks=len(tasks),
        evaluated=sum(task.evaluated for task in tasks),
        tests=sum(len(task.ballot.tests) for task in tasks),
        tests_reproducing=sum(reproducing),
        tasks_with_example_test=sum(any(map(t.ballot.reproduces, t.ballot.issue_tests)) for t in tasks),
        tasks_with_reproducing_test=sum(count > 0 for count in reproducing),
        trajectories=sum(task.attempts for task in tasks),
        endings=dict(Counter(edit.ending.value for edit in edits).most_common()),
        patched=sum(edit.patched for edit in edits),
        applied=sum(entry.candidate is not None for task in tasks for entry in task.editing),
        verified=sum(edit.verified for edit in edits),
        gated=sum(_clean(task, entry.candidate) for task in tasks for entry in task.editing),
        resolved=sum(task.successes for task in tasks),
        tasks_with_resolving_patch=sum(task.successes > 0 for task in tasks),
        stood_by=len(stood_by),
        stood_by_resolved=sum(task.decided_right for task in stood_by),
        tasks_resolved=sum(task.decided_right for task in tasks),
    )


class Loss(StrEnum):
    """The stage at which a task was lost: the first one, on the way to a right patch, that failed."""

    RESOLVED = "resolved"
    NOT_EVALUATED = "not evaluated"
    CONTEXT = "context"
    NO_VALID_TEST = "no valid test"
    EDIT_FORMAT = "edit format"
    WRONG_FIX = "wrong fix"
    WRONG_CHOICE = "wrong choice"


def loss(task: GradedTask) -> Loss:
    """Attribute one task. A task with a right candidate lost it by choosing, whatever else went wrong before."""
    if task.decided_right:
        return Loss.RESOLVED
    if not task.evaluated:
        return Loss.NOT_EVALUATED
    if task.successes:
        return Loss.WRONG_CHOICE
    if task.context_hit is False:
        return Loss.CONTEXT
    if not any(map(task.ballot.reproduces, task.ballot.tests)):
        return Loss.NO_VALID_TEST
    if not any(entry.candidate for entry in task.editing):
        return Loss.EDIT_FORMAT
    return Loss.WRONG_FIX


def losses(tasks: Sequence[GradedTask]) -> dict[Loss, int]:
    """Count tasks by the stage at which they were lost, in the order of the stages; resolved ones first."""
    counts = Counter(map(loss, tasks))
    return {stage: counts[stage] for stage in Loss}


class Spending(_Frozen):
    """What trajectories of one kind took."""

    kind: str
    trajectories: int
    usage: Usage
    cost: float | None
    """US dollars; None where the price of any call is unknown."""
    seconds: float
    """Wall seconds of the trajectories, added; they may have run side by side."""
    tokens_per_task: Estimate
    """Prompt and completion tokens."""


def spending(tasks: Sequence[GradedTask], resampler: Resampler) -> tuple[Spending, ...]:
    """Add up tokens, money and time per kind of trajectory."""
    kinds = dict.fromkeys(trajectory.kind for task in tasks for trajectory in task.trajectories)
    return tuple(_spent(kind, [of_kind(task, kind) for task in tasks], resampler) for kind in kinds)


def _spent(kind: str, per_task: list[tuple[TrajectorySummary, ...]], resampler: Resampler) -> Spending:
    every = [trajectory for row in per_task for trajectory in row]
    costs = [trajectory.cost for trajectory in every if trajectory.cost is not None]
    tokens = [sum(t.usage.prompt_tokens + t.usage.completion_tokens for t in row) for row in per_task]
    return Spending(
        kind=kind,
        trajectories=len(every),
        usage=sum((trajectory.usage for trajectory in every), Usage()),
        cost=sum(costs) if len(costs) == len(every) else None,
        seconds=sum(trajectory.seconds for trajectory in every),
        tokens_per_task=resampler.mean(np.array(tokens, dtype=np.float64)),
    )


def of_kind(task: GradedTask, kind: str) -> tuple[TrajectorySummary, ...]:
    """Return a task's trajectories of one kind."""
    return tuple(trajectory for trajectory in task.trajectories if trajectory.kind == kind)


def _clean(task: GradedTask, candidate: str | None) -> bool:
    return candidate is not None and task.ballot.regressions.get(candidate) == ()
