"""Structured tests, several drawn at once, on the real sandbox; a scripted model drives the exact paths."""

import json

import pytest
from edited_shop import TEST

from agent.context import build_context
from agent.models.profiles import ModelProfile
from agent.models.scripted import ScriptedModel
from agent.scaffolds import SCAFFOLDS
from agent.scaffolds.conversation import Sampling
from agent.scaffolds.replies import ReplyForms
from agent.scaffolds.scaffold import Plan
from agent.trajectory.budget import Ledger
from agent.trajectory.journal import Journal
from agent.trajectory.session import Session
from agent.trajectory.trajectory import Ending
from environments.sandboxes.lease import NoLease
from environments.workbench.workbench import Workbench


def claim(call, expected):
    return json.dumps({"setup": ["from shop import total"], "call": call, "expected": expected, "raises": None})


SHOWS, PASSES = claim("total([3, 4])", "7"), claim("total([3, 4])", "4")


@pytest.fixture
def run(shop, tmp_path):
    def run(answers, turns=2, known=()):
        run.model, run.told = ScriptedModel(answers), []
        profile = ModelProfile(test_format="structured", parallel_slots=4)
        forms = ReplyForms(profile, build_context("total", shop.files, budget_tokens=2000), shop.files)
        plan = Plan(
            "# Code", forms, Sampling(turns, 0.5, 500, seed=1), issue="total() forgets the first price.", known=known
        )
        with (
            Journal(tmp_path / "test-0.jsonl", {"trajectory": "test-0"}) as journal,
            Workbench(shop.base, shop.task, record=tmp_path / "runs.jsonl", lease=NoLease()) as bench,
        ):
            session = Session(journal, run.model, bench, Ledger(), tell=run.told.append)
            return SCAFFOLDS["sampled-tests"].run(session, plan, index=0)

    return run


def test_of_tests_that_fail_the_one_made_most_often_is_taken(run):
    other = claim("total([5])", "5")
    made = run([other, SHOWS, "no object", SHOWS])
    assert (made.ending, made.reproduces) == (Ending.SUBMITTED, True)
    assert "total([3, 4])" in made.test.source
    assert len(run.model.requests) == 1


IDLE = json.dumps({"setup": ["import os"], "call": "len(os.sep)", "expected": "2", "raises": None})


def test_a_test_that_executes_nothing_of_the_repository_is_no_reason_to_stop(run):
    made = run([IDLE, IDLE, "no object", "no object", SHOWS, "no object", IDLE, IDLE])
    assert "1 tests, 1 fail on the base, and execute nothing of the repository" in run.told
    assert (made.ending, made.reproduces) == (Ending.SUBMITTED, True)
    assert "total([3, 4])" in made.test.source


def test_for_want_of_a_better_one_it_is_kept(run):
    made = run([IDLE] * 8)
    assert (made.ending, made.reproduces, len(run.model.requests)) == (Ending.SUBMITTED, True, 2)
    assert "os.sep" in made.test.source


def test_what_passes_now_is_turned_round(run):
    made = run([PASSES, "no object", "no object", "no object", SHOWS, SHOWS, SHOWS, SHOWS])
    assert made.reproduces
    assert "This test passes on the code as it is" not in run.model.requests[0].prompt
    assert (made.sampled["drawn"]["parsed"], made.sampled["drawn"]["surviving"]) == (1, 0)
    assert (made.sampled["turned"]["samples"], made.sampled["turned"]["surviving"]) == (4, 1)
    asked = run.model.requests[1].prompt
    assert "This test passes on the code as it is" in asked
    assert "total([3, 4])" in asked


def test_nothing_that_can_be_read_is_an_ending_of_its_own(run):
    made = run(["no object"] * 8)
    assert (made.ending, made.test, made.reproduces) == (Ending.FORMAT_ERRORS, None, False)


def test_where_the_issue_shows_itself_one_call_is_enough(run):
    made = run([PASSES] * 8, known=(TEST,))
    assert (made.ending, len(run.model.requests)) == (Ending.TURN_LIMIT, 1)
