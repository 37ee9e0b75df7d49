from __future__ import annotations

import json

import pytest

from swebench_runs.after_run.spent import spent_on
from swebench_runs.errors import UsageError
from swebench_runs.run_folder.task_folder import TaskFolder


def answer(content="x = 1", finish="stop", *, tokens=10, cost=0.25, tool_calls=()):
    choice = {"content": content, "finish_reason": finish, "tool_calls": list(tool_calls), "logprobs": None}
    usage = {"prompt_tokens": tokens, "cached_prompt_tokens": 0, "completion_tokens": 1}
    return {"kind": "model", "answer": {"choices": [choice], "usage": usage, "cost": cost, "latency": 2.0, "notes": []}}


def write(folder: TaskFolder, kind: str, index: int, *lines: object, header: object = None) -> None:
    path = folder.journal_path(kind, index)
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in ({"schema": 1, "header": header or {}}, *lines)))


@pytest.fixture
def folder(tmp_path) -> TaskFolder:
    return TaskFolder(tmp_path / "a__a-1")


def test_every_record_of_every_stage_counts_whether_or_not_the_task_was_decided(folder):
    for kind in ("single", "edit", "judge", "runoff", "test"):
        write(folder, kind, 0, answer(), answer())
    write(folder, "edit", 1, answer(), {"kind": "run", "answer": {"executions": [{"seconds": 3.0, "outcome": "fail"}]}})
    found = {one.stage: one for one in spent_on(folder)}
    assert list(found) == ["tests", "edits", "judge", "runoff", "singles"]
    assert {name: one.calls for name, one in found.items()} == {
        **{"tests": 2, "edits": 3, "judge": 2, "runoff": 2, "singles": 2}
    }
    edits = found["edits"]
    assert (edits.trajectories, edits.tokens, edits.cost, edits.seconds) == (2, 33, 0.75, 9.0)


def test_stages_without_a_model_have_their_clock_and_one_that_was_cut_off_none(folder):
    for event, stage, at in (
        ("stage_start", "context", "2026-01-01T00:00:00+00:00"),
        ("stage_end", "context", "2026-01-01T00:00:04+00:00"),
        ("stage_start", "baseline", "2026-01-01T00:00:04+00:00"),
    ):
        with folder.events_path.open("a") as file:
            file.write(json.dumps({"event": event, "stage": stage, "at": at}) + "\n")
    assert [(one.stage, one.calls, one.wall_seconds) for one in spent_on(folder)] == [("context", 0, 4.0)]


def test_answers_that_were_no_use_as_they_came_are_counted(folder):
    write(
        *(folder, "edit", 0),
        *(answer(), answer(finish="length"), answer("", finish="length"), answer(" "), answer(None)),
        *(answer("", finish="content_filter"), answer("", finish="tool_calls", tool_calls=[{"id": "1"}])),
    )
    refusal = {"kind": "model refused", "answer": {"error": "RequestRefused", "why": "policy"}}
    write(folder, "edit", 1, answer(), refusal)
    write(folder, "judge", 0, answer("YES", finish="length"))
    edits, judge = spent_on(folder)
    assert (edits.calls, edits.answers) == (
        8,
        {"cut": 2, "empty": 2, "filtered": 1, "tool calls only": 1, "refused": 1},
    )
    assert judge.answers == {}


def test_what_fills_a_gap_is_a_sample_however_short(folder):
    write(folder, "edit", 0, {**answer(finish="length"), "request": {"raw": True}}, answer(finish="length"))
    (edits,) = spent_on(folder)
    assert (edits.calls, edits.answers) == (2, {"cut": 1})


def test_calls_of_tools_that_were_offered_are_ordinary_answers(folder):
    call = {"id": "1", "function": {"name": "bash", "arguments": "{}"}}
    answered = answer("", finish="tool_calls", tool_calls=[call])
    write(folder, "edit", 0, {**answered, "request": {"tools": "as before"}}, {**answered, "request": {}})
    (edits,) = spent_on(folder)
    assert edits.answers == {"tool calls only": 1}


def test_an_unknown_price_in_one_answer_makes_the_stage_unknown(folder):
    write(folder, "edit", 0, answer(), answer(cost=None))
    assert spent_on(folder)[0].cost is None


def test_a_record_of_somebody_elses_making_is_one_line(folder):
    write(folder, "edit", 0, {"kind": "model", "answer": {"choices": "none"}})
    with pytest.raises(UsageError, match=r"edit-0\.jsonl is no record of this version of Runoff"):
        spent_on(folder)


def test_what_each_model_took_of_a_stage_is_told_apart(folder):
    for index, (model, cost) in enumerate((("a", 0.25), ("b", None), ("a", 0.25))):
        write(folder, "edit", index, answer(cost=cost), header={"model": model})
    (edits,) = spent_on(folder)
    assert {name: (used.calls, used.cost) for name, used in edits.models.items()} == {"a": (2, 0.5), "b": (1, None)}
    assert edits.calls == 3
