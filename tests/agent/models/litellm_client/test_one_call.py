"""One call that its endpoint refuses in ever other words, or answers in pieces alone."""

import json

import pytest
from model_endpoint import ASK, answer, error, model_at

from agent.models.contract import ModelError, Request, RequestRefused
from agent.models.litellm_client.one_call import MOST_REFUSALS


def test_refusals_without_end_are_not_followed_without_end(endpoint):
    endpoint.play = lambda request: (400, error(f"max_tokens must be at most {request['max_tokens'] - 1}"))
    with pytest.raises(RequestRefused, match="at most"):
        model_at(endpoint).complete(Request(ASK, max_tokens=4000))
    assert len(endpoint.requests) == MOST_REFUSALS + 1


def test_what_litellm_made_of_an_answer_and_cannot_be_read_is_counted_and_told(endpoint, monkeypatch):
    monkeypatch.setattr("agent.models.failures.retrying.FIRST_WAIT", 0.0)
    model = model_at(endpoint)
    endpoint.script = [(200, answer("fix"), {})]
    monkeypatch.setattr(model, "_choices", lambda response, request: response.nothing)
    with pytest.raises(ModelError, match=r"cannot be read .AttributeError") as caught:
        model.complete(Request(ASK))
    assert caught.value.paid.prompt_tokens == 30


@pytest.mark.parametrize(
    "message",
    [
        "This model only support stream mode, please enable the stream parameter to access the model.",
        "parameter.enable_thinking must be set to false for non-streaming calls",
        "Stream must be set to true",
        "Streaming is required for this model",
    ],
)
def test_an_endpoint_that_answers_in_pieces_alone_is_asked_so(endpoint, message, caplog):
    chunks = [
        {"choices": [{"index": 0, "delta": {"content": "the "}}]},
        {"choices": [{"index": 0, "delta": {"content": "fix"}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}},
    ]
    events = "".join(f"data: {json.dumps({'id': 'x', 'object': 'chunk', **one})}\n\n" for one in chunks).encode()
    endpoint.play = lambda request: (200, events) if request.get("stream") else (400, error(message))
    model = model_at(endpoint)
    for _ in range(2):
        completion = model.complete(Request(ASK, temperature=0.5))
        assert completion.choices[0].content == "the fix"
        assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (7, 3)
        assert completion.notes == ("the answer asked for in pieces",)
    assert len(endpoint.requests) == 3
    assert "asked for in pieces from now on" in caplog.text
