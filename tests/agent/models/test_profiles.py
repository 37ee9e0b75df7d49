"""Profiles: the first pattern that matches wins, and an unknown model gets the safe one."""

import pytest
from pydantic import ValidationError

from agent.models.local.catalog import CATALOG
from agent.models.profiles import ModelProfile, PricePolicy, packaged_profiles, profile_for


@pytest.mark.parametrize("name", list(CATALOG))
def test_the_embedded_models_write_whole_symbols_under_a_grammar_and_cost_nothing(name):
    profile = profile_for(name)
    assert (profile.edit_format, profile.test_format, profile.grammar) == ("symbol", "structured", True)
    assert profile.price.policy == "zero"
    assert profile.context_tokens


@pytest.mark.parametrize(
    "name, takes_temperature",
    [
        ("anthropic/claude-sonnet-4-5", True),
        ("openai/gpt-5-mini", False),
        ("o3-mini", False),
        ("openrouter/deepseek/deepseek-chat", True),
        ("deepseek/deepseek-reasoner", False),
        ("gemini/gemini-2.5-pro", True),
        ("gpt-4o", True),
    ],
)
def test_families(name, takes_temperature):
    profile = profile_for(name)
    assert profile.match != ("*",)
    assert profile.edit_format == "search_replace"
    assert profile.temperature is takes_temperature
    assert not profile.grammar


def test_an_unknown_model_gets_the_safe_default():
    assert profile_for("somebody/something") == ModelProfile()


def test_no_judge_has_a_say_before_it_has_shown_its_worth():
    assert not any(profile.judge_worth for profile in packaged_profiles())


def test_a_price_table_without_prices_and_an_unknown_key_are_errors():
    with pytest.raises(ValidationError, match="needs input_per_million"):
        PricePolicy(policy="table")
    with pytest.raises(ValidationError, match="edit_fromat"):
        ModelProfile.model_validate({"edit_fromat": "symbol"})
