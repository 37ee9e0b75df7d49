"""What came through each stage of a run. What was not measured is counted apart: it is neither good nor bad."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from agent.trajectory.trajectory import Ending
from selection.weighing import Gate, gate
from swebench_runs.figures.metrics.graded import GradedTask, TaskState


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Funnel(_Frozen):
    """Counts, stage by stage."""

    tasks: int
    evaluated: int
    """Those of which grading knows whether they are resolved."""
    undecided: int
    not_graded: int
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
    submitted_nothing: int = 0
    """... by submitting, without a patch."""
    patched: int
    """Editing trajectories that ended with a patch."""
    applied: int
    """... with one that applies."""
    verified: int
    """... whose own test fails on the base and passes on the patch."""
    untested: int
    """... that had no test to be verified by."""
    gated: int
    """... whose patch breaks no existing test."""
    ungated: int
    """... on whose patch no existing test was run."""
    resolved: int
    """... whose patch is graded right."""
    ungraded: int
    """... whose patch was not graded."""
    tasks_with_resolving_patch: int
    stood_by: int
    """Tasks on which Runoff did not abstain."""
    stood_by_graded: int
    """... whose patch is graded."""
    stood_by_resolved: int
    tasks_resolved: int

    @property
    def ends(self) -> dict[str, int]:
        """How editing trajectories ended, those apart that submitted nothing."""
        nothing = {"submitted nothing": self.submitted_nothing} if self.submitted_nothing else {}
        told = {
            word: number - (self.submitted_nothing if word == Ending.SUBMITTED else 0)
            for word, number in self.endings.items()
        }
        return {word: number for word, number in told.items() if number} | nothing


def funnel(tasks: Sequence[GradedTask]) -> Funnel:
    """Count what came through each stage."""
    edits = [trajectory for task in tasks for trajectory in task.of_kind("edit")]
    applied = [(task, entry.candidate) for task in tasks for entry in task.editing if entry.candidate is not None]
    gates = Counter[Gate](gate(task.ballot, candidate) for task, candidate in applied)
    states = Counter(task.state for task in tasks)
    reproducing = [sum(map(task.ballot.reproduces, task.ballot.tests)) for task in tasks]
    stood_by = [task for task in tasks if task.decision is not None and not task.decision.abstained]
    return Funnel(
        tasks=len(tasks),
        evaluated=sum(task.evaluated for task in tasks),
        undecided=states[TaskState.UNDECIDED],
        not_graded=states[TaskState.NOT_GRADED],
        tests=sum(len(task.ballot.tests) for task in tasks),
        tests_reproducing=sum(reproducing),
        tasks_with_example_test=sum(any(map(t.ballot.reproduces, t.ballot.issue_tests)) for t in tasks),
        tasks_with_reproducing_test=sum(count > 0 for count in reproducing),
        trajectories=sum(task.attempts for task in tasks),
        endings=dict(Counter(edit.ending.value for edit in edits).most_common()),
        submitted_nothing=sum(edit.ending is Ending.SUBMITTED and not edit.patched for edit in edits),
        patched=sum(edit.patched for edit in edits),
        applied=len(applied),
        verified=sum(edit.verified for edit in edits),
        untested=sum(edit.patched and not edit.tested for edit in edits),
        gated=gates["clean"],
        ungated=gates["unmeasured"],
        resolved=sum(task.successes for task in tasks),
        ungraded=sum(candidate not in task.resolved for task, candidate in applied),
        tasks_with_resolving_patch=sum(task.successes > 0 for task in tasks),
        stood_by=len(stood_by),
        stood_by_graded=sum(task.evaluated for task in stood_by),
        stood_by_resolved=sum(task.decided_right for task in stood_by),
        tasks_resolved=sum(task.decided_right for task in tasks),
    )
