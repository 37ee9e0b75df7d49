"""The scripted model plays its script and records what it was asked."""

import pytest

from agent.models.contract import Choice, Message, ModelError, Request
from agent.models.scripted import ScriptedModel

ASK = [Message(role="user", content="two words")]


def test_answers_come_in_order_one_per_choice():
    model = ScriptedModel(["a", "b c", Choice(content="d", finish_reason="length")])
    first, second = model.complete(Request(ASK, n=2)), model.complete(Request(ASK, temperature=0.5))
    assert [choice.content for choice in first.choices] == ["a", "b c"]
    assert second.choices[0].finish_reason == "length"
    assert (first.usage.prompt_tokens, first.usage.completion_tokens) == (2, 3)
    assert [(request.n, request.options["temperature"]) for request in model.requests] == [(2, 0.0), (1, 0.5)]


def test_a_function_sees_the_request():
    model = ScriptedModel(lambda request: request.prompt.upper())
    assert model.complete(Request(ASK)).choices[0].content == "TWO WORDS"


def test_an_exception_is_raised_and_a_script_runs_out():
    model = ScriptedModel([ModelError("down")])
    with pytest.raises(ModelError, match="down"):
        model.complete(Request(ASK))
    with pytest.raises(ModelError, match="run out"):
        model.complete(Request(ASK))
