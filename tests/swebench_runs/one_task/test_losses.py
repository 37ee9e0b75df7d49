"""What was lost to the endpoint is told once, with its reasons and its number."""

from agent.trajectory.trajectory import Ending, Trajectory
from selection.decision import Decision
from swebench_runs.one_task.losses import explained, losses, refusals


def trajectory(ending, **fields):
    return Trajectory(id="edit-0", kind="edit", ending=ending, **fields)


REFUSED = trajectory(Ending.MODEL_ERROR, why="filtered")
DOWN = trajectory(Ending.MODEL_ERROR, why="the endpoint is down", final=False)
LONG = trajectory(Ending.CONTEXT_LIMIT, why="too long")
CUT = trajectory(Ending.TURN_LIMIT, answers={"cut": 3, "empty": 1})
FINE = trajectory(Ending.SUBMITTED)
NO_PATCH = Decision(candidate=None, rule="runoff", abstained=True, reason="No trajectory produced a patch.")


def test_refusals_are_counted_by_reason_and_answers_by_kind():
    assert losses([REFUSED, FINE, CUT, LONG, REFUSED, CUT]) == [
        "2 of 6 trajectories ended by a refused request: filtered",
        "1 of 6 trajectories ended by a refused request: too long",
        "Editing answers that were none: 6 cut by their length, 2 empty (-c answer_tokens=N gives more room)",
    ]


def test_what_a_loop_with_tools_could_not_use_is_counted_too():
    lost = trajectory(Ending.FORMAT_ERRORS, answers={"no_call": 2, "malformed_call": 1})
    assert losses([lost]) == [
        "Editing answers that were none: 2 without a call of a tool, 1 with calls of functions that cannot be read"
    ]


def test_at_the_end_of_a_run_refusals_are_told_and_answers_are_left_to_the_report():
    assert refusals([REFUSED, CUT]) == ["1 of 2 trajectories ended by a refused request: filtered"]


def test_an_endpoint_that_may_come_back_has_refused_nothing():
    assert losses([DOWN, FINE]) == []
    assert (REFUSED.refused, DOWN.refused, FINE.refused) == (True, False, False)


def test_only_a_decision_without_a_patch_is_explained_by_them():
    assert explained(NO_PATCH, [REFUSED]).reason.endswith("1 of 1 trajectory ended by a refused request: filtered.")
    assert explained(NO_PATCH, [FINE]) == NO_PATCH
    chosen = NO_PATCH.model_copy(update={"candidate": "c"})
    assert explained(chosen, [REFUSED]) == chosen
