"""Parts of other types than they should have: read as what they plainly say, by litellm's own reading too."""

import json

import pytest
from model_endpoint import ASK, answer, model_at

from agent.models.answers.event_stream import joined
from agent.models.answers.token_count import tokens
from agent.models.answers.usual_choice import usual_choice
from agent.models.contract import Request
from agent.models.profiles import ModelProfile, PricePolicy

BASH = {"name": "bash", "arguments": "{}"}


def called(**message):
    calls = usual_choice({"message": message})["message"].get("tool_calls", [])
    return [(call["function"]["name"], call["function"]["arguments"]) for call in calls]


@pytest.mark.parametrize(
    ("calls", "read"),
    [
        ([{"id": "a"}], [("", "")]),
        ([{"id": "a", "function": None}], [("", "")]),
        ([{"id": "a", "function": "bash", "arguments": {"x": 1}}], [("bash", '{"x": 1}')]),
        ([{"function": {"name": 5, "arguments": ["ls"]}}], [("", '["ls"]')]),
        ([{"function": {"name": "bash", "arguments": None}}], [("bash", "")]),
        ({"function": BASH}, [("bash", "{}")]),
        ("none", []),
    ],
)
def test_calls_are_a_list_of_functions_with_texts(calls, read):
    assert called(tool_calls=calls) == read


def test_the_older_form_of_a_call_is_one():
    assert called(function_call=BASH) == [("bash", "{}")]
    assert called(function_call="bash") == []


@pytest.mark.parametrize(
    "odd",
    [
        {"role": 5},
        {"reasoning": 5},
        {"thinking_blocks": "x"},
        {"annotations": "x", "images": 5},
        {"provider_specific_fields": "x"},
        {"function_call": "x"},
        {"tool_calls": [{"id": 5, "function": {"name": 5, "arguments": 5}}]},
    ],
)
def test_no_part_of_another_type_costs_an_answer(endpoint, odd):
    body = answer("fix")
    body["choices"][0]["message"] |= odd
    body["choices"][0]["finish_reason"] = ["stop"]
    endpoint.script = [(200, body, {})]
    assert model_at(endpoint).complete(Request(ASK)).choices[0].content == "fix"
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("number", [10**400, "9" * 5000, float("nan"), -1, True, "ten"])
def test_what_is_no_number_of_tokens_counts_as_none(number):
    assert tokens(number) == 0


@pytest.mark.parametrize("said", [{"prompt_tokens": 10**8}, {"completion_tokens": 10**8}])
def test_tokens_that_cannot_be_are_counted_by_runoff(endpoint, said):
    body = answer("fix")
    body["usage"] |= said
    endpoint.script = [(200, body, {})]
    price = PricePolicy(policy="table", input_per_million=1, output_per_million=1)
    completion = model_at(endpoint, ModelProfile(price=price)).complete(Request(ASK))
    assert completion.usage.prompt_tokens + completion.usage.completion_tokens < 100
    assert completion.cost < 0.001
    assert any("says what cannot be" in note for note in completion.notes)


def test_a_long_prompt_of_one_token_is_counted_by_runoff(endpoint):
    endpoint.script = [(200, answer("fix", prompt_tokens=1), {})]
    long = [ASK[0].model_copy(update={"content": "def add(a, b):\n    return a + b\n" * 1000})]
    assert model_at(endpoint).complete(Request(long)).usage.prompt_tokens > 5000


def stream(**piece):
    return joined(b'data: {"choices": [%s]}\n\n' % json.dumps(piece).encode())["choices"][0]["message"]


@pytest.mark.parametrize("index", [None, "a", -1, 3 * 10**6, 10**12])
def test_pieces_of_a_stream_with_odd_places_are_read(index):
    call = {"index": index, "id": "a", "function": {"name": "bash", "arguments": {"x": 1}}}
    said = stream(index=index, delta={"content": "fix", "tool_calls": [call]})
    assert (said["content"], len(said["tool_calls"])) == ("fix", 1)
    assert said["tool_calls"][0]["function"] == {"name": "bash", "arguments": '{"x": 1}'}


def test_pieces_of_a_stream_that_are_none_are_left_out():
    assert stream(delta="fix")["content"] == "fix"
    assert stream(delta=[1])["content"] == ""
    assert stream(delta={"tool_calls": "x", "content": "fix"})["content"] == "fix"
    assert joined(b'data: {"choices": ["x", 5]}\n\ndata: {"choices": "x"}\n\n')["choices"] == []
