from __future__ import annotations

import pytest

from agent.trajectory.trajectory import Ending
from environments.workbench.outcome import Outcome
from selection.decision import decide
from selection.rules import RULES
from swebench_runs.figures.metrics import GradedTask, TaskState, TrajectorySummary
from swebench_runs.figures.metrics.losses import Loss, loss, losses
from verifiers.ballot import BASE, Ballot, Candidate, Entry

SHOWN, BLIND = Outcome.FAIL, Outcome.ERROR
TIME, MODEL, SANDBOX = Ending.TIME_LIMIT, Ending.MODEL_ERROR, Ending.SANDBOX_ERROR


def graded(grades: str, base: Outcome = SHOWN, endings=None, scaffold="", **more) -> GradedTask:
    """``grades``: a letter per editing trajectory: r(ight), w(rong), ? (not graded), - (no patch)."""
    ids = [None if grade == "-" else f"c{i}" for i, grade in enumerate(grades)]
    ballot = Ballot(
        entries=tuple(Entry(id=f"edit-{i}", candidate=c) for i, c in enumerate(ids)),
        candidates=tuple(Candidate(id=c, patch=f"diff {c}") for c in ids if c),
        tests=("t",),
        outcomes={"t": {BASE: base} | {c: Outcome.PASS for c in ids if c}},
    )
    endings = endings or [Ending.SUBMITTED] * len(ids)
    facts = {"decision": decide(ballot, RULES["first"](ballot)), **more}
    return GradedTask(
        instance_id="t",
        kind="example",
        cluster="t",
        asked=len(ids),
        ballot=ballot,
        resolved={c: g == "r" for c, g in zip(ids, grades, strict=True) if g in "rw"},
        trajectories=tuple(
            TrajectorySummary(id=f"edit-{i}", kind="edit", ending=ending, scaffold=scaffold)
            for i, ending in enumerate(endings)
        ),
        **facts,
    )


@pytest.mark.parametrize(
    ("task", "stage"),
    [
        (graded("r"), Loss.RESOLVED),
        (graded("w", decision=None), Loss.UNDECIDED),
        (graded("?"), Loss.NOT_GRADED),
        (graded("w", context_hit=False), Loss.CONTEXT),
        (graded("w", context_hit=False, scaffold="edit-and-test"), Loss.CONTEXT),
        (graded("w", context_hit=False, scaffold="tools"), Loss.WRONG_FIX),  # it can look for itself
        (graded("w", BLIND, context_hit=False, scaffold="tools"), Loss.NO_VALID_TEST),
        (graded("w", BLIND, context_hit=True), Loss.NO_VALID_TEST),
        (graded("--"), Loss.NO_PATCH),
        (graded("---", endings=[TIME, TIME, Ending.TURN_LIMIT]), Loss.LIMITS),
        (graded("--", endings=[TIME, TIME], context_hit=False), Loss.LIMITS),  # no model answered
        (graded("--", endings=[TIME, Ending.FORMAT_ERRORS]), Loss.NO_PATCH),
        (graded("---", endings=[MODEL, SANDBOX, TIME], context_hit=False), Loss.MODEL),
        (graded("w-", endings=[Ending.SUBMITTED, MODEL]), Loss.WRONG_FIX),
        (graded("ww"), Loss.WRONG_FIX),
        (graded("w?"), Loss.WRONG_PATCH),
        (graded("wr", BLIND, context_hit=False), Loss.WRONG_CHOICE),
    ],
)
def test_a_task_is_lost_at_the_first_stage_that_failed(task, stage):
    assert loss(task) is stage


def test_a_task_without_a_patch_needs_no_grade_to_be_unresolved():
    assert graded("--").state is TaskState.UNRESOLVED
    assert graded("?").state is TaskState.NOT_GRADED


def test_every_task_is_counted_once():
    counted = losses([graded("r"), graded("?"), graded("w"), graded("w")])
    assert {stage: number for stage, number in counted.items() if number} == {
        Loss.RESOLVED: 1,
        Loss.NOT_GRADED: 1,
        Loss.WRONG_FIX: 2,
    }
