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


def with_a_call(number):
    body = answer("")
    (call,) = called(edit("view")).tool_calls
    body["choices"][0]["message"] = {"role": "assistant", "content": None, "tool_calls": [{**call, "id": f"c{number}"}]}
    return body


@pytest.mark.parametrize("before", [0, 1])
def test_the_loop_goes_on_by_blocks_and_says_so(drive, endpoint, caplog, before):
    texts = ["No tools?", MENDED, SUBMIT, SUBMIT]

    def play(request):
        if "tools" not in request:
            return 200, answer(texts.pop(0))
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
