"""An endpoint that refuses functions after all: the loop goes on by blocks of text."""

import json

import pytest
from model_endpoint import answer, error, model_at
from tools_driver import called, edit

from agent.models.profiles import ModelProfile
from agent.trajectory.journal import read_journal
from agent.trajectory.trajectory import Ending

VLLM = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
MENDED = (
    "```replace shop/price.py\n<<<<<<< SEARCH\n    for price in prices[1:]:\n=======\n"
    "    for price in prices:\n>>>>>>> REPLACE\n```"
)
SUBMIT = "```submit\n```"
USED_UP = 400, error("the script has no more answers")
"""Ends a trajectory that asks for more than it should: a refusal is not tried again."""


def with_a_call(number):
    body = answer("")
    (call,) = called(edit("view")).tool_calls
    body["choices"][0]["message"] = {"role": "assistant", "content": None, "tool_calls": [{**call, "id": f"c{number}"}]}
    return body


def keep_to_the_first_answer(path):
    """Leave a record as a kill after the first answer would have left it."""
    lines = path.read_text().splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if '"kind": "model"' in line or '"kind":"model"' in line)
    path.write_text("".join(lines[: first + 1]))


@pytest.mark.parametrize("before", [0, 1])
def test_the_loop_goes_on_by_blocks_and_says_so(drive, endpoint, caplog, before):
    texts = ["No tools?", MENDED, SUBMIT, SUBMIT]

    def play(request):
        if "tools" not in request:
            return (200, answer(texts.pop(0))) if texts else USED_UP
        return (200, with_a_call(0)) if len(endpoint.requests) <= before else (400, error(VLLM))

    endpoint.play = play
    trajectory = drive(model_at(endpoint, ModelProfile(tools=True)))
    assert trajectory.ending == Ending.SUBMITTED
    assert "+    for price in prices:" in trajectory.patch
    assert trajectory.answers == {"no_functions": 1}
    assert any("refuses functions" in line for line in drive.told)
    assert "tools dropped from now on" in caplog.text
    assert [line.get("kind") for line in read_journal(drive.path)].count("functions") == 1
    last = endpoint.requests[-1]["messages"]
    assert {message["role"] for message in last} == {"system", "user", "assistant"}
    told = "\n".join(message["content"] for message in last)
    assert told.count("Functions cannot be called here") == 1
    assert "```replace shop" in told
    assert ("[called edit]" in told) == bool(before)
    assert "tools" not in json.dumps([list(request) for request in endpoint.requests[-3:]])


def test_the_next_trajectory_of_the_run_begins_by_blocks_and_so_it_does_when_it_is_resumed(drive, endpoint, tmp_path):
    texts = ["No tools?", MENDED, SUBMIT, SUBMIT, MENDED, SUBMIT, SUBMIT]

    def play(request):
        if "tools" in request:
            return 400, error(VLLM)
        return (200, answer(texts.pop(0))) if texts else USED_UP

    endpoint.play = play
    model = model_at(endpoint, ModelProfile(tools=True))
    drive(model)
    drive.folder = tmp_path / "next"
    drive.folder.mkdir()
    asked = len(endpoint.requests)
    second = drive(model)
    assert (second.ending, second.answers, len(endpoint.requests)) == (Ending.SUBMITTED, {}, asked + 3)
    assert "refused functions before" in drive.told[0]
    assert "```replace shop" in endpoint.requests[asked]["messages"][1]["content"]
    assert read_journal(drive.path)[1]["kind"] == "functions"
    keep_to_the_first_answer(drive.path)
    texts += [SUBMIT, SUBMIT]
    resumed = drive(model_at(endpoint, ModelProfile(tools=True)))
    assert (resumed.ending, resumed.patch) == (Ending.SUBMITTED, second.patch)


def test_a_trajectory_that_began_with_functions_goes_on_so_whatever_others_met_since(drive, endpoint):
    texts = ["No tools?", MENDED, SUBMIT, SUBMIT]
    endpoint.play = lambda request: (200, with_a_call(0)) if not endpoint.requests[1:] else USED_UP
    drive(model_at(endpoint, ModelProfile(tools=True)))
    keep_to_the_first_answer(drive.path)

    def play(request):
        if "tools" in request:
            return 400, error(VLLM)
        return (200, answer(texts.pop(0))) if texts else USED_UP

    endpoint.play = play
    model = model_at(endpoint, ModelProfile(tools=True))
    model.refuses_functions = True
    trajectory = drive(model)
    assert trajectory.ending == Ending.SUBMITTED
    assert "[called edit]" in "".join(message["content"] for message in endpoint.requests[-1]["messages"])
