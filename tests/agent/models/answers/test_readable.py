"""Odd answers of status 200, from a server on loopback, by both ways that litellm sends."""

import json

import pytest
from model_endpoint import ASK, answer, model_at

from agent.models.answers.answer_kind import kind_of
from agent.models.contract import ModelError, ModelUnusable, Request, RequestRefused, UnusableAnswer
from agent.models.profiles import ModelProfile


def odd(**choice):
    return {**answer("x"), "choices": [{"index": 0, "finish_reason": "stop", **choice}]}


def stream(*chunks):
    lines = [f"data: {json.dumps({'id': 'x', 'object': 'chat.completion.chunk', 'model': 'm', **c})}" for c in chunks]
    return "\n\n".join([*lines, "data: [DONE]", ""]).encode()


PARTS = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "the fix"}]
DELTAS = [
    {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "the "}}]},
    {"choices": [{"index": 0, "delta": {"content": "fix", "reasoning_content": "hm"}, "finish_reason": "stop"}]},
    {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}},
]


@pytest.mark.parametrize("provider", ["openai", "hosted_vllm"])
@pytest.mark.parametrize(
    "body", [odd(message={"role": "assistant", "content": PARTS}), stream(*DELTAS)], ids=["parts", "stream"]
)
def test_what_can_be_read_is_read(endpoint, provider, body):
    endpoint.script = [(200, body, {})]
    choice = model_at(endpoint, name=f"{provider}/m").complete(Request(ASK)).choices[0]
    assert (choice.content, choice.reasoning, choice.finish_reason) == ("the fix", "hm", "stop")


@pytest.mark.parametrize("provider", ["openai", "hosted_vllm"])
def test_a_null_message_is_an_empty_answer_with_its_reason(endpoint, provider):
    endpoint.script = [(200, odd(message=None, finish_reason="content_filter"), {})]
    assert kind_of(model_at(endpoint, name=f"{provider}/m").complete(Request(ASK)).choices[0]) == "filtered"


@pytest.mark.parametrize("provider", ["openai", "hosted_vllm"])
@pytest.mark.parametrize(
    "body, says",
    [
        (b"<html><body>Gateway login</body></html>", "Gateway login"),
        (b"", "with nothing"),
        ({**answer("x"), "choices": []}, "without choices"),
        ({**answer("x"), "choices": None}, "without choices"),
        ([1, 2], "answers with"),
    ],
    ids=["html", "nothing", "no choices", "null choices", "a list"],
)
def test_what_cannot_be_read_is_told_after_a_few_tries_with_its_reason(endpoint, provider, body, says, monkeypatch):
    monkeypatch.setattr("agent.models.failures.retrying.FIRST_WAIT", 0.0)
    endpoint.script = [(200, body, {})]
    with pytest.raises(UnusableAnswer, match=says) as caught:
        model_at(endpoint, name=f"{provider}/m").complete(Request(ASK))
    assert len(endpoint.requests) == 3
    assert "\n" not in str(caught.value)


def test_an_answer_that_comes_after_unusable_ones_is_had_and_all_are_counted(endpoint, monkeypatch):
    monkeypatch.setattr("agent.models.failures.retrying.FIRST_WAIT", 0.0)
    endpoint.script = [(200, {**answer("x"), "choices": []}, {}), (200, answer("well"), {})]
    completion = model_at(endpoint).complete(Request(ASK))
    assert completion.choices[0].content == "well"
    assert completion.usage.prompt_tokens == 20


def test_an_error_inside_an_answer_of_success_is_that_error(endpoint):
    endpoint.script = [(200, {"error": {"message": "upstream is overloaded", "code": 502}}, {"Retry-After": "3600"})]
    with pytest.raises(ModelError, match="upstream is overloaded") as caught:
        model_at(endpoint, retry_seconds=1).complete(Request(ASK))
    assert type(caught.value) is ModelError


@pytest.mark.parametrize("usage", [None, {"prompt_tokens": 0, "completion_tokens": 0}, {"prompt_tokens": None}])
def test_tokens_are_counted_where_the_endpoint_does_not(endpoint, usage):
    body = {**answer("seven words are in this answer"), "usage": usage}
    body["choices"][0]["message"]["reasoning_content"] = "so " * 100
    endpoint.script = [(200, body, {})]
    completion = model_at(endpoint).complete(Request(ASK))
    assert completion.usage.prompt_tokens > 0
    assert 100 < completion.usage.completion_tokens < 250
    assert any("counted by Runoff" in note for note in completion.notes)


def test_a_limit_holds_without_usage(endpoint):
    from agent.trajectory.budgeted_model import BudgetedModel, BudgetExceeded, FixedCeilings, Ledger

    endpoint.script = [(200, {**answer("word " * 200), "usage": None}, {})]
    budgeted = BudgetedModel(model_at(endpoint), Ledger(FixedCeilings(tokens=1000)))
    budgeted.complete(Request(ASK, max_tokens=300))
    budgeted.complete(Request(ASK, max_tokens=300))
    with pytest.raises(BudgetExceeded):
        [budgeted.complete(Request(ASK, max_tokens=300)) for _ in range(3)]


def test_an_empty_assistant_message_is_never_sent(endpoint):
    from agent.models.contract import Message

    endpoint.script = [(200, answer("ok"), {})]
    model_at(endpoint, ModelProfile()).complete(Request([*ASK, Message(role="assistant", content=" "), *ASK]))
    assert endpoint.requests[0]["messages"][1]["content"] == "(no answer)"


@pytest.mark.parametrize("provider", ["openai", "hosted_vllm"])
@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_would_lose_the_question_is_told_with_its_place(endpoint, provider, status):
    endpoint.script = [(status, b"", {"location": "https://other.example/v1/chat/completions"})]
    with pytest.raises(ModelUnusable, match=r"it redirects to https://other\.example"):
        model_at(endpoint, name=f"{provider}/m").complete(Request(ASK))
    assert len(endpoint.requests) == 1


def test_a_redirect_that_keeps_the_question_is_followed(endpoint):
    endpoint.script = [(307, b"", {"location": f"{endpoint.url}/chat/completions"}), (200, answer("ok"), {})]
    assert model_at(endpoint).complete(Request(ASK)).choices[0].content == "ok"


def test_an_answer_without_end_is_no_answer(endpoint, monkeypatch):
    monkeypatch.setattr("agent.models.answers.readable.LONGEST", 1000)
    monkeypatch.setattr("agent.models.failures.retrying.FIRST_WAIT", 0.01)
    endpoint.script = [(200, answer("x" * 2000), {})]
    with pytest.raises(UnusableAnswer, match="longer than"):
        model_at(endpoint).complete(Request(ASK))


def test_a_blocked_prompt_is_refused_though_the_status_says_success(endpoint):
    endpoint.script = [(200, {"promptFeedback": {"blockReason": "SAFETY"}}, {})]
    with pytest.raises(RequestRefused, match="SAFETY"):
        model_at(endpoint).complete(Request(ASK))
    assert len(endpoint.requests) == 1
