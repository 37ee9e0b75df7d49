"""Calls alike in one answer, for vendors whose calls have no ids."""

from agent.models.contract import Message, Request
from agent.models.litellm_client.asking import Asking
from agent.models.litellm_client.same_calls import folded
from agent.models.profiles import ModelProfile


def call(id, arguments):
    return {"id": id, "type": "function", "function": {"name": "bash", "arguments": arguments}}


def answer(*calls):
    return {"role": "assistant", "content": None, "tool_calls": list(calls)}


def result(id, content):
    return {"role": "tool", "content": content, "tool_call_id": id}


LS, SPACED, PWD = '{"command":"ls"}', '{"command": "ls"}', '{"command": "pwd"}'


def test_calls_alike_are_one_with_the_results_of_all():
    sent = [
        answer(call("a", LS), call("b", PWD), call("c", SPACED), call("d", LS)),
        *(result(id, text) for id, text in (("a", "x"), ("b", "/"), ("c", "x y"), ("d", "x y"))),
        answer(call("e", LS)),
        result("e", "z"),
    ]
    assert folded(sent) == [
        answer(call("a", LS), call("b", PWD)),
        result("a", "x\n\nx y\n\nx y"),
        result("b", "/"),
        answer(call("e", LS)),
        result("e", "z"),
    ]


def test_results_that_are_the_same_are_told_once_and_arguments_that_are_no_json_are_compared_as_they_are():
    sent = [answer(call("a", "{"), call("b", "{")), result("a", "x"), result("b", "x")]
    assert folded(sent) == [answer(call("a", "{")), result("a", "x")]


def test_only_gemini_is_sent_them_as_one():
    dialogue = [
        Message(role="user", content="Go on."),
        Message(role="assistant", content="", tool_calls=(call("a", LS), call("b", LS))),
        Message(role="tool", content="x", tool_call_id="a"),
        Message(role="tool", content="x", tool_call_id="b"),
    ]
    for name, calls in (("gemini/gemini-2.5-pro", 1), ("gpt-4.1", 2)):
        arguments, _ = Asking(name, ModelProfile(), {}).arguments(Request(dialogue, tools=[{"type": "function"}]))
        assert len(arguments["messages"][1]["tool_calls"]) == calls
        assert len(arguments["messages"]) == 2 + calls
