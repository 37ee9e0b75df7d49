"""The run-off on the real sandbox; a scripted model drives the exact paths."""

import json

import pytest

from agent.models.profiles import ModelProfile
from agent.models.scripted import ScriptedModel
from agent.patch import make_patch
from agent.scaffolds.conversation import Sampling
from agent.trajectory.budget import Ledger
from agent.trajectory.journal import Journal
from agent.trajectory.session import Session
from agent.trajectory.trajectory import Ending
from selection.runoff import RunoffPlan, run_off
from verifiers.ballot import Candidate

PATH = "shop/price.py"


def claim(call, expected):
    return json.dumps({"setup": ["from shop import total"], "call": call, "expected": expected, "raises": None})


TELLS = claim("total([3, 4])", "7")
TELLS_NOTHING = claim("total([0, 4])", "4")
FAILS_EVERYWHERE = claim("total([3, 4])", "8")


@pytest.fixture
def run(shop, bench, tmp_path):
    before = shop.files[PATH]

    def candidate(name, loop):
        after = before.replace(b"prices[1:]", loop)
        return Candidate(id=name, patch=make_patch({PATH: before}, {PATH: after}))

    finalists = [candidate("wrong", b"prices[:1]"), candidate("right", b"prices")]

    def run(answers, *, names=False, turns=2):
        left = iter(answers)
        # An answer may be a function: of the conversation so far, to name a finalist by its letter.
        run.model = ScriptedModel(lambda request: one() if callable(one := next(left)) else one)
        plan = RunoffPlan(
            "# Code",
            ModelProfile(test_format="structured"),
            Sampling(turns, 0.5, 300, seed=3),
            finalists,
            names,
        )
        with Journal(tmp_path / "runoff.jsonl", {}) as journal:
            return run_off(Session(journal, run.model, bench, Ledger()), plan)

    return run


def letter(run, name):
    """The letter under which the model was shown a candidate."""
    prompt = run.model.requests[0].messages[-1].content
    needle = {"right": "in prices:", "wrong": "in prices[:1]:"}[name]
    part = next(part for part in prompt.split("Change ")[1:] if f"+    for price {needle}" in part)
    return part[0]


def test_the_finalist_that_passes_the_telling_test_wins(run):
    trajectory, verdict = run([TELLS], turns=1)
    assert verdict.winner == "right"
    assert verdict.told_apart
    assert trajectory.ending == Ending.SUBMITTED
    feedback = run([TELLS], turns=1)  # replayed: the same verdict without a model
    assert feedback[1] == verdict


def test_tests_that_tell_nothing_leave_no_verdict(run):
    _, verdict = run([TELLS_NOTHING, FAILS_EVERYWHERE])
    assert verdict is None


def test_a_model_without_worth_as_a_judge_does_not_name_the_winner(run):
    _, verdict = run([TELLS_NOTHING, "WINNER A"])
    assert verdict is None


def test_a_model_with_worth_names_the_winner_where_tests_do_not_object(run):
    _, verdict = run([TELLS_NOTHING, "WINNER A"], names=True)
    assert verdict.winner == {letter(run, "right"): "right", letter(run, "wrong"): "wrong"}["A"]
    assert not verdict.told_apart  # its word alone


def test_a_winner_that_passes_fewer_tests_is_overruled(run):
    _, verdict = run([TELLS, lambda: f"WINNER {letter(run, 'wrong')}"], names=True)
    assert verdict.winner == "right"
    assert "the model named another" in verdict.reason


def test_none_of_them_is_an_answer(run):
    _, verdict = run([TELLS_NOTHING, "NONE"], names=True)
    assert verdict.winner is None


def test_an_unreadable_answer_is_told_and_costs_a_turn(run):
    trajectory, verdict = run(["A is best", TELLS])
    assert "could not be used" in run.model.requests[1].messages[-1].content
    assert verdict.winner == "right"
    assert trajectory.turns == 2


def test_the_same_test_twice_counts_once(run):
    _, verdict = run([TELLS, TELLS])
    assert "of 1 that reproduce" in verdict.reason


def test_equal_is_an_answer_and_leaves_the_rule_s_own_order(run):
    _, verdict = run([TELLS_NOTHING, "EQUAL"], names=True)
    assert (verdict.winner, verdict.equal) == ("wrong", True), "the first of the shortlist"
    assert "no difference that the issue settles" in verdict.reason


def test_finalists_that_tests_tell_apart_are_not_equal_whatever_is_said(run):
    _, verdict = run([TELLS, "EQUAL"], names=True)
    assert (verdict.winner, verdict.equal) == ("right", False)
