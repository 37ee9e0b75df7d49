"""What is no whole answer is told apart: cut, withheld, calls that cannot be read, empty."""

import pytest

from agent.models.answers.answer_kind import kind_of
from agent.models.contract import Choice
from agent.prompts import render


def call(name="bash", arguments='{"command": "ls"}'):
    return {"id": "1", "type": "function", "function": {"name": name, "arguments": arguments}}


@pytest.mark.parametrize(
    "content, reason, calls, without, beside_tools",
    [
        ("text", "stop", (), "whole", "whole"),
        ("text", "length", (), "cut", "cut"),
        ("", "max_tokens", (call(),), "cut", "cut"),
        ("", "content_filter", (), "filtered", "filtered"),
        ("", "refusal", (), "filtered", "filtered"),
        ("", "stop", (), "empty", "empty"),
        ("", "tool_calls", (call(),), "tool_calls_only", "whole"),
        ("text", "tool_calls", (call(),), "whole", "whole"),
        ("", "tool_calls", (call(), call(arguments='{"command": ')), "tool_calls_only", "malformed_call"),
        ("", "tool_calls", (call(arguments="[1]"),), "tool_calls_only", "malformed_call"),
        ("", "tool_calls", (call(name=""),), "tool_calls_only", "malformed_call"),
        ("", "tool_calls", (call(arguments=""),), "tool_calls_only", "whole"),
        ("", "tool_calls", (call(arguments={"command": "ls"}),), "tool_calls_only", "whole"),
        ("", "tool_calls", ({"id": "1"},), "tool_calls_only", "malformed_call"),
        ("", "malformed_function_call", (), "malformed_call", "malformed_call"),
    ],
)
def test_kinds(content, reason, calls, without, beside_tools):
    choice = Choice(content=content, finish_reason=reason, tool_calls=calls)
    assert (kind_of(choice), kind_of(choice, tools=True)) == (without, beside_tools)


def test_each_is_told_to_the_model_as_what_it_is():
    told = {kind: render("no_answer", kind=kind, room=9) for kind in ("cut", "filtered", "malformed_call", "empty")}
    assert len(set(told.values())) == 4
    assert "9 tokens" in told["cut"]
    assert "Call a function" in render("no_answer", kind="empty", room=9, tools=True)
