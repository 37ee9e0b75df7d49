"""Editing trajectories on the real sandbox; a scripted model drives the exact paths."""

import threading

import pytest
from edited_shop import BREAKS, RIGHT, WRONG, block

from agent.models.contract import Choice, ContextOverflow, ModelError, ModelUnusable, RequestRefused, UnusableAnswer
from agent.models.scripted import ScriptedModel
from agent.trajectory.budget import FixedCeilings
from agent.trajectory.journal import read_journal
from agent.trajectory.session import MOST_SITTINGS, Interrupted
from agent.trajectory.trajectory import Ending


def test_an_edit_that_passes_its_test_and_breaks_nothing_is_submitted_verified(run):
    trajectory = run([RIGHT], turns=1)
    assert trajectory.ending == Ending.SUBMITTED
    assert trajectory.verified
    assert "-    for price in prices[1:]:\n+    for price in prices:\n" in trajectory.patch
    assert trajectory.turns == 1


def test_a_wrong_edit_is_shown_both_sides_and_the_next_starts_from_the_original(run):
    trajectory = run([WRONG, RIGHT])
    told = run.model.requests[1].messages[-1].content
    assert "exit code 2 (the issue is present)" in told
    assert "got 3" in told
    assert "+    for price in prices[:1]:" in told
    assert trajectory.verified
    assert "[:1]" not in trajectory.patch


def test_the_models_word_does_not_make_a_patch_verified(run):
    trajectory = run([WRONG, "DONE"])
    assert trajectory.ending == Ending.SUBMITTED
    assert not trajectory.verified
    assert trajectory.patch


def test_regressions_are_told_by_name_and_end_nothing(run):
    trajectory = run([BREAKS, RIGHT])
    assert "tests/test_price.py::test_total_of_nothing" in run.model.requests[1].messages[-1].content
    assert trajectory.verified


def test_a_repeated_answer_gets_another_prompt_and_a_higher_temperature(run):
    run([WRONG, WRONG, RIGHT])
    second, third = run.model.requests[1], run.model.requests[2]
    assert [message.role for message in third.messages] == ["system", "user", "user"]
    assert "Do not give any of these again" in third.messages[-1].content
    assert third.options["temperature"] > second.options["temperature"]


def test_code_given_back_unchanged_begins_afresh_and_is_named(run):
    same = block("    for price in prices[1:]:", "    for price in prices[1:]:")
    trajectory = run([same, same, same, RIGHT])
    second = run.model.requests[1]
    assert [message.role for message in second.messages] == ["system", "user", "user"]
    assert "shop/price.py was given back as it stands" in second.messages[-1].content
    assert second.options["temperature"] > run.model.requests[0].options["temperature"]
    assert trajectory.verified


def test_unreadable_answers_in_a_row_end_it_and_the_best_patch_stays(run):
    trajectory = run([WRONG, "what?", "what?", "what?"], turns=9)
    assert trajectory.ending == Ending.FORMAT_ERRORS
    assert trajectory.why.startswith("the last answer: ")
    assert "+    for price in prices[:1]:" in trajectory.patch
    assert len(run.model.requests) == 4


def test_the_turn_limit_yields_the_best_patch_not_the_last(run):
    trajectory = run([WRONG, BREAKS], turns=2)
    assert trajectory.ending == Ending.TURN_LIMIT
    assert "[:1]" in trajectory.patch


def test_done_before_any_edit_is_refused(run):
    trajectory = run(["DONE", RIGHT])
    assert "Make an edit first" in run.model.requests[1].messages[-1].content
    assert trajectory.verified


@pytest.mark.parametrize(
    "limits, ending",
    [(FixedCeilings(turns=1), Ending.TURN_LIMIT), (FixedCeilings(tokens=700), Ending.TOKEN_LIMIT)],
)
def test_a_budget_ends_it_before_the_call_that_would_pass_it(run, limits, ending):
    trajectory = run([WRONG, RIGHT], limits=limits)
    assert trajectory.ending == ending
    assert len(run.model.requests) == 1
    assert trajectory.patch


def test_a_failed_endpoint_is_gone_on_from_without_asking_again(run):
    assert run([WRONG, ModelError("the server is gone")]).ending == Ending.MODEL_ERROR
    trajectory = run([RIGHT, "DONE"])
    assert trajectory.verified
    assert len(run.model.requests) == 2
    assert trajectory.turns == 3


def test_a_finished_record_replays_without_a_model(run):
    first = run([WRONG, RIGHT, "DONE"])
    assert run([]) == first


def test_a_budget_that_ended_it_ends_its_replay_too(run):
    first = run([WRONG, RIGHT], limits=FixedCeilings(turns=1))
    assert run([], limits=None) == first


def test_an_interrupt_leaves_no_ending(run):
    interrupt = threading.Event()

    def answer(request):
        interrupt.set()
        return WRONG

    with pytest.raises(Interrupted):
        run(ScriptedModel(answer), interrupt=interrupt)
    assert not any("ending" in line for line in read_journal(run.path))
    assert run([RIGHT]).verified


def test_a_policy_stops_it_with_its_patch_so_far(run):
    enough = threading.Event()

    def answer(request):
        enough.set()
        return WRONG

    assert run(ScriptedModel(answer), enough=enough).ending == Ending.STOPPED


def test_a_refused_request_ends_its_trajectory_for_good_with_its_patch_so_far(run):
    first = run([WRONG, RequestRefused("filtered by policy")])
    assert (first.ending, first.refused, first.why) == (Ending.MODEL_ERROR, True, "filtered by policy")
    assert first.patch
    assert run([]) == first
    assert run.model.requests == []


def test_an_overflow_is_on_record_too(run):
    first = run([WRONG, ContextOverflow("too long")])
    assert (first.ending, first.why) == (Ending.CONTEXT_LIMIT, "too long")
    assert run([]) == first


def test_answers_that_cannot_be_read_are_asked_for_in_a_few_sittings_then_end_the_trajectory(run):
    sittings = [run([WRONG, UnusableAnswer("HTML")])] + [
        run([UnusableAnswer("HTML")]) for _ in range(MOST_SITTINGS - 1)
    ]
    assert [one.final for one in sittings] == [False] * (MOST_SITTINGS - 1) + [True]
    assert run([RIGHT]) == sittings[-1]
    assert run.model.requests == []


def test_an_endpoint_that_comes_back_is_gone_on_with(run):
    run([WRONG, UnusableAnswer("HTML")])
    assert run([RIGHT]).verified


def test_what_holds_for_every_request_is_no_ending_but_an_error_of_the_run(run):
    with pytest.raises(ModelUnusable, match="key"):
        run([ModelUnusable("the key is wrong")])


CUT = Choice(content="shop/price.py\n<<<<<<< SEARCH", finish_reason="length")


def test_an_answer_that_its_length_cut_is_asked_for_once_more_with_more_room(run):
    trajectory = run([CUT, RIGHT], turns=1, most=1500)
    assert trajectory.verified
    assert [request.options["max_tokens"] for request in run.model.requests] == [500, 1500]
    assert trajectory.answers == {"cut": 1}
    assert run([], turns=1, most=1500) == trajectory


def test_no_more_room_than_the_model_has_is_asked_for(run):
    assert run([CUT, RIGHT], most=500, turns=2).verified
    assert [request.options["max_tokens"] for request in run.model.requests] == [500, 500]


@pytest.mark.parametrize(
    "choice, kind, told",
    [
        (CUT, "cut", "cut off at 500 tokens"),
        (Choice(content="", finish_reason="content_filter"), "filtered", "content filter"),
        (Choice(content="", finish_reason="tool_calls", tool_calls=({"id": "1"},)), "tool_calls_only", "no functions"),
        (Choice(content=" \n", finish_reason="stop", reasoning="hm"), "empty", "was empty"),
    ],
)
def test_an_answer_that_is_none_is_told_as_what_it_is_counted_and_never_sent_back_empty(run, choice, kind, told):
    trajectory = run([choice] * 3 + [RIGHT])
    assert trajectory.verified
    assert trajectory.answers == {kind: 3}
    last = run.model.requests[-1].messages
    assert told in last[-1].content
    assert all(message.content.strip() for message in last)


def test_answers_that_are_none_do_not_count_as_badly_formed(run):
    assert run([Choice(content="", finish_reason="stop")] * 4).ending == Ending.TURN_LIMIT
