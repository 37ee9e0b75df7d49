"""Test trajectories on the real sandbox; a scripted model drives the exact paths."""

import json

import pytest

from agent.context import Context
from agent.edits import EditError
from agent.models.contract import Choice
from agent.models.profiles import ModelProfile
from agent.models.scripted import ScriptedModel
from agent.scaffolds.conversation import Sampling
from agent.scaffolds.replies import ReplyForms
from agent.scaffolds.scaffold import Plan
from agent.scaffolds.test_forms import parse_test
from agent.scaffolds.test_writing import write_test
from agent.trajectory.budget import Ledger
from agent.trajectory.journal import Journal
from agent.trajectory.session import Session
from agent.trajectory.trajectory import Ending


def claim(call, expected=None, raises=None, setup=("from shop import total",)):
    return json.dumps({"setup": list(setup), "call": call, "expected": expected, "raises": raises})


SHOWS = claim("total([3, 4])", "7")
PASSES = claim("total([0, 7])", "7")
BROKEN = claim("total([3, 4])", "7", setup=["from shop import nothing", "from shop import total"])


@pytest.fixture
def run(bench, tmp_path):
    def run(answers, turns=3):
        run.model = ScriptedModel(answers)
        forms = ReplyForms(
            ModelProfile(test_format="structured"), Context(text="", symbols=(), left_out=(), tokens=0), {}
        )
        with Journal(tmp_path / "test-0.jsonl", {}) as journal:
            session = Session(journal, run.model, bench, Ledger())
            return write_test(session, Plan("# Code", forms, Sampling(turns, 0.5, 300, seed=1)), index=0)

    return run


def test_a_test_that_fails_on_the_base_is_submitted(run):
    trajectory = run([SHOWS])
    assert (trajectory.ending, trajectory.reproduces, trajectory.turns) == (Ending.SUBMITTED, True, 1)


def test_a_test_that_passes_or_breaks_is_told_and_written_again(run):
    trajectory = run([PASSES, BROKEN, SHOWS])
    assert "does not show the issue" in run.model.requests[1].messages[-1].content
    assert "ImportError" in run.model.requests[2].messages[-1].content
    assert trajectory.reproduces


def test_a_missing_import_is_named_before_anything_is_run(run):
    run([claim("total([3, 4])", "7", setup=()), SHOWS])
    assert "defines or imports total" in run.model.requests[1].messages[-1].content


def test_a_repeated_test_gets_a_fresh_and_warmer_prompt(run):
    run([PASSES, PASSES, SHOWS])
    second, third = run.model.requests[1], run.model.requests[2]
    assert len(third.messages) == 4
    assert third.options["temperature"] > second.options["temperature"]


def test_the_last_test_stays_where_none_reproduces(run):
    trajectory = run([PASSES, BROKEN], turns=2)
    assert (trajectory.ending, trajectory.reproduces) == (Ending.TURN_LIMIT, False)
    assert "nothing" in trajectory.test.source


def test_answers_that_are_no_test_at_all_end_as_format_errors(run):
    trajectory = run(["no idea"] * 3)
    assert (trajectory.ending, trajectory.test) == (Ending.FORMAT_ERRORS, None)
    assert trajectory.why.startswith("the last answer: ")


@pytest.mark.parametrize("finish_reason", ["stop", "length", "content_filter", "tool_calls"])
def test_an_empty_answer_is_no_test_and_no_malformed_one(run, finish_reason):
    trajectory = run([Choice(content="", finish_reason=finish_reason)] * 3)
    assert trajectory.test is None
    assert trajectory.ending == Ending.TURN_LIMIT
    assert sum(trajectory.answers.values()) == 3


@pytest.mark.parametrize("source", ["", "```python\n```", "```python\n# nothing\n```"])
def test_a_script_without_code_is_no_test(source):
    with pytest.raises(EditError):
        parse_test("script", source, origin="test:0")
