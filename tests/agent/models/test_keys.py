"""Whether there is a key for a model's vendor."""

import pytest

from agent.models.keys import missing_key

VARIABLES = (
    *("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "GEMINI_API_KEY"),
    *("GOOGLE_API_KEY", "DEEPSEEK_API_KEY", "OPENROUTER_API_KEY"),
)


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("model", "variable"),
    [
        ("openai/gpt-4o", "OPENAI_API_KEY"),
        ("claude-sonnet-4-5", "ANTHROPIC_API_KEY"),
        ("gemini/gemini-2.5-pro", "GEMINI_API_KEY"),
        ("openrouter/qwen/qwen3-coder", "OPENROUTER_API_KEY"),
    ],
)
def test_the_variable_that_is_missing_is_named(model, variable, monkeypatch):
    assert variable in missing_key(model)
    monkeypatch.setenv(variable, "k")
    assert missing_key(model) is None


@pytest.mark.parametrize(
    "model", ["local", "hosted_vllm/qwen", "ollama/qwen3", "bedrock/anthropic.x", "vertex_ai/gemini"]
)
def test_a_vendor_that_needs_none_or_finds_it_elsewhere_is_not_held_up(model):
    assert missing_key(model) is None


def test_another_spelling_or_a_key_of_ones_own_will_do(monkeypatch):
    assert missing_key("openai/gpt-4o", {"api_key": "k"}) is None
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "k")
    assert missing_key("openai/gpt-4o") is None


@pytest.mark.parametrize("key", ["abc\n", " abc", "a\u00e9c", "a\tc"])
def test_a_key_that_no_header_can_hold_is_told_before_it_is_sent(monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    assert "the key in OPENAI_API_KEY holds" in missing_key("openai/gpt-4o")
    assert "abc" not in missing_key("openai/gpt-4o")
    assert "api_key of model_kwargs" in missing_key("openai/gpt-4o", {"api_key": key})
