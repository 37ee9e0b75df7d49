"""A key that is missing is told at once: every provider's client says it in another way."""

from __future__ import annotations

import pytest
from model_endpoint import ASK, answer, error, model_at

from agent.models.contract import Message, ModelUnusable, Request
from agent.models.failures.retrying import Retries, UnreadableAnswer
from agent.models.litellm_client.litellm_model import LiteLLMModel
from agent.models.profiles import profile_for


@pytest.mark.parametrize(
    ("model", "variables"),
    [
        ("openai/gpt-4o", ["OPENAI_API_KEY", "OPENAI_ADMIN_KEY"]),
        ("anthropic/claude-sonnet-4-5", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"]),
        ("gemini/gemini-2.0-flash", ["GEMINI_API_KEY", "GOOGLE_API_KEY"]),
    ],
)
def test_a_missing_key_is_not_tried_again(
    model: str, variables: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in variables:
        monkeypatch.delenv(name, raising=False)
    asked = LiteLLMModel(model, profile=profile_for(model))
    with pytest.raises(ModelUnusable, match=r"API key; set (OPENAI|ANTHROPIC|GEMINI)_API_KEY") as caught:
        asked.complete(Request([Message(role="user", content="hello")], temperature=0.0, max_tokens=4))
    assert "Traceback" not in str(caught.value)
    assert "next in" not in caplog.text


def test_a_failed_try_names_its_endpoint(caplog):
    answers = iter([UnreadableAnswer("no choices"), None])

    def call() -> str:
        if error := next(answers):
            raise error
        return "done"

    assert Retries(wait_cap=30, endpoint="openai/m at http://127.0.0.1:9/v1").run(call) == "done"
    assert "openai/m at http://127.0.0.1:9/v1: try 1 failed" in caplog.text


def test_only_answers_that_cannot_be_read_count_as_such(endpoint, monkeypatch):
    monkeypatch.setattr("agent.models.failures.retrying.FIRST_WAIT", 0.001)
    busy, nothing = (529, error("overloaded"), {}), (200, {**answer("x"), "choices": []}, {})
    endpoint.script = [busy, busy, nothing, busy, nothing, (200, answer("ok"), {})]
    model = model_at(endpoint)
    assert model.complete(Request(ASK)).choices[0].content == "ok"
    endpoint.script = [*[nothing] * 4, (200, answer("ok"), {})]
    assert model.complete(Request(ASK)).choices[0].content == "ok"
