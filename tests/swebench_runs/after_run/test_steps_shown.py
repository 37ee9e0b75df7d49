"""A real trajectory with tools, as it is shown and exported: real bubblewrap, a scripted model."""

import json

import pytest

from agent.context import Context
from agent.models.contract import Choice
from agent.models.profiles import ModelProfile
from agent.models.scripted import ScriptedModel
from agent.scaffolds import SCAFFOLDS, Plan
from agent.scaffolds.conversation import Sampling
from agent.scaffolds.replies import ReplyForms
from agent.trajectory.budgeted_model import Ledger
from agent.trajectory.journal import Journal, read_journal
from agent.trajectory.session import Session
from swebench_runs.after_run.exports import _message
from swebench_runs.after_run.graded_tasks import transcript
from swebench_runs.after_run.steps_shown import call_of, calls_told, counted, step_told


def called(number, name, **arguments):
    function = {"name": name, "arguments": json.dumps(arguments)}
    return Choice(
        content=f"step {number}",
        finish_reason="tool_calls",
        tool_calls=({"id": f"c{number}", "type": "function", "function": function},),
    )


@pytest.fixture
def lines(bench, tmp_path):
    model = ScriptedModel(
        [
            called(0, "bash", command="echo seen; exit 3"),
            called(1, "bash", command="sed -i 's/prices\\[1:\\]/prices/' shop/price.py"),
            called(2, "submit"),
            called(3, "submit"),
        ]
    )
    profile = ModelProfile(tools=True)
    plan = Plan(
        situation="?",
        forms=ReplyForms(profile, Context(text="", symbols=(), left_out=(), tokens=0), {}),
        sampling=Sampling(turns=9, temperature=0.0, answer_tokens=500, seed=0),
    )
    with Journal(tmp_path / "edit-0.jsonl", {"trajectory": "edit-0"}) as journal:
        made = SCAFFOLDS["tools"].run(Session(journal, model, bench, Ledger()), plan, index=0)
    assert made.ending == "submitted", made
    return read_journal(tmp_path / "edit-0.jsonl")


def test_an_export_has_calls_and_their_results_as_mini_swe_agent_keeps_them(lines):
    messages = [_message(one) for one in transcript(lines)]
    assert [one["role"] for one in messages] == ["system", "user", *["assistant", "tool"] * 3, "assistant"]
    first, result = messages[2], messages[3]
    assert first["extra"]["actions"] == [{"command": "echo seen; exit 3", "tool_call_id": "c0"}]
    assert first["tool_calls"][0]["function"]["name"] == "bash"
    assert result["tool_call_id"] == "c0"
    assert "seen" in result["content"]
    assert messages[-1]["extra"]["actions"] == [{"command": "submit {}", "tool_call_id": "c3"}]


def test_steps_are_told_in_lines_and_counted(lines):
    told = [step_told(line) for line in lines if "kind" in line and line["kind"] != "model"]
    assert any(one.startswith("ran echo seen; exit 3: exit code 3, ") for one in told if one)
    assert "diff of the tree" in told
    assert counted(lines) == "4 model calls, 2 commands"


def test_calls_are_told_with_their_arguments_also_what_is_no_json():
    wrong = {"function": {"name": "bash", "arguments": '{"command": '}}
    assert call_of(wrong) == ("bash", {"text": '{"command": '})
    right = {"function": {"name": "edit", "arguments": '{"path": "a.py", "new": "x\\ny"}'}}
    assert calls_told([right]) == "-> edit\n   path: a.py\n   new: x\n      y"


def test_a_command_that_was_ended_says_so():
    line = {"kind": "command", "request": {"command": "cat"}, "answer": {"timed_out": True, "seconds": 60.0}}
    assert step_told(line) == "ran cat: ended at its time limit, 60.0 s"
    assert step_told({"kind": "suite", "answer": {"failing": []}}) is None
