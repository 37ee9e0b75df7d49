"""Profiles: the first pattern that matches wins, and an unknown model gets the safe one."""

import pytest
from pydantic import ValidationError

from agent.models.local.catalog import CATALOG
from agent.models.prices import known_price
from agent.models.profiles import ModelProfile, PricePolicy, packaged_profiles, profile_for


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ({}, 16_000),
        ({"context_tokens": 20_000}, 5_000),
        ({"context_tokens": 1_000_000}, 32_000),
        ({"context_tokens": 1_000_000, "shown_tokens": 0.25}, 250_000),
        ({"context_tokens": 8_192, "shown_tokens": 0.5}, 4_096),
        ({"shown_tokens": 0.5}, 32_000),
        ({"shown_tokens": 7.0}, 7),
    ],
)
def test_what_is_shown_is_a_number_or_a_share_of_the_window(keys, shown):
    own = ModelProfile.model_validate({"match": ["*"], **keys})
    assert profile_for("somebody/something", [own]).shown == shown


def test_a_share_is_of_the_window_that_counts_in_the_end():
    assert profile_for("zai/glm-4.6", above={"shown_tokens": 0.5}).shown == 100_000
    assert profile_for("local", above={"shown_tokens": 0.25}).shown == 2048
    assert profile_for("somebody/something", [ModelProfile(tools=True, context_tokens=20_000)]).test_format == "script"


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
        ("claude-opus-4-7", False),
        ("bedrock/us.anthropic.claude-sonnet-5", False),
        ("openai/gpt-5-mini", False),
        ("o3-mini", False),
        ("openrouter/deepseek/deepseek-chat", True),
        ("deepseek/deepseek-reasoner", False),
        ("gemini/gemini-2.5-pro", True),
        ("gpt-4o", True),
        ("gpt-5.5", False),
        ("o3", False),
    ],
)
def test_families(name, takes_temperature):
    profile = profile_for(name)
    assert profile.match != ("*",)
    assert profile.edit_format == "search_replace"
    assert profile.temperature is takes_temperature
    assert not profile.grammar


def test_a_model_that_nobody_has_described_gets_the_default():
    assert profile_for("somebody/something") == ModelProfile()


def test_what_no_profile_says_is_the_word_of_litellm_s_table_not_the_embedded_model_s():
    assert profile_for("zai/glm-4.6").match == ("*",)
    profile = profile_for("zai/glm-4.6")
    assert (profile.context_tokens, profile.tools, profile.reasoning) == (200000, True, "effort")
    assert (profile.shown, profile.answer_tokens) == (16000, 8192)
    assert profile.room(profile.answer_tokens) == 8192 + profile.reasoning_tokens > 16000


def test_a_small_window_is_not_filled_by_what_is_shown_and_answered():
    profile = profile_for("together_ai/deepseek-ai/DeepSeek-V3")
    assert profile.shown + profile.answer_tokens < profile.context_tokens == 65536


@pytest.mark.parametrize("name", list(CATALOG))
def test_the_embedded_models_keep_their_room(name):
    profile = profile_for(name)
    assert (profile.shown, profile.answer_tokens, profile.scaffold) == (4000, 1024, "sampling")
    assert (profile.tools, profile.reasoning_tokens) == (False, 0)


def test_one_s_own_profile_stands_above_the_packaged_and_says_only_what_it_sets():
    own = [
        ModelProfile(match=("*gpt-5*",), answer_tokens=20000),
        ModelProfile(match=("*",), answer_tokens=7, shown_tokens=64000),
    ]
    profile = profile_for("gpt-5-mini", own)
    assert (profile.answer_tokens, profile.shown_tokens) == (20000, 64000)
    assert (profile.temperature, profile.max_tokens_name) == (False, "max_completion_tokens")


@pytest.mark.parametrize("effort, room", [("none", 2048), ("low", 4096), ("high", 16384), ("xhigh", 16384)])
def test_the_room_for_thought_follows_the_effort(effort, room):
    assert profile_for("gpt-5-mini", above={"reasoning_effort": effort}).reasoning_tokens == room
    assert profile_for("deepseek/deepseek-reasoner", above={"reasoning_effort": effort}).reasoning_tokens == 16384


@pytest.mark.parametrize(
    "name, scaffold",
    [
        ("anthropic/claude-opus-19", "tools"),
        ("openai/gpt-7", "tools"),
        ("hosted_vllm/Qwen/Qwen3-Coder-480B-A35B-Instruct", "tools"),
        ("hosted_vllm/zai-org/GLM-4.6", "tools"),
        ("together_ai/Qwen/Qwen3-Coder-480B-A35B-Instruct-FP8", "tools"),  # in the table, without a word on functions
        ("openrouter/moonshotai/kimi-k2", "tools"),
        ("ollama_chat/qwen3-coder:30b", "edit-and-test"),
        ("hosted_vllm/my-alias", "edit-and-test"),
        ("local", "sampling"),
    ],
)
def test_a_name_that_the_table_does_not_know_tells_its_family(name, scaffold):
    profile = profile_for(name)
    assert profile.scaffold == scaffold
    assert profile.tools == (scaffold == "tools")
    assert profile.own_temperature == (scaffold == "tools")


def test_the_table_stands_above_the_family_and_names_it_not():
    profile = profile_for("anthropic/claude-sonnet-4-5")
    assert (profile.context_tokens, profile.match) == (200_000, ("*claude*",))
    assert profile_for("zai/glm-4.6").context_tokens == 200_000
    assert "*glm-4.[5-9]*" not in profile_for("hosted_vllm/zai-org/GLM-4.6").match


def test_a_deployment_is_the_model_that_its_profile_says():
    own = [ModelProfile(match=("azure/team*",), like="openai/gpt-5", answer_tokens=999)]
    profile, same = profile_for("azure/team-one", own), profile_for("openai/gpt-5")
    assert (profile.tools, profile.scaffold, profile.temperature) == (True, "tools", False)
    assert (profile.context_tokens, profile.max_tokens_name) == (same.context_tokens, "max_completion_tokens")
    assert profile.answer_tokens == 999
    assert known_price("azure/team-one", profile) == known_price("openai/gpt-5", same)
    assert known_price("azure/other", profile_for("azure/other", own)) is None


def test_a_model_that_looks_for_itself_is_shown_less():
    assert profile_for("openai/gpt-4.1").shown == 16_000
    assert profile_for("openai/gpt-4.1", above={"scaffold": "edit-and-test"}).shown == 32_000
    assert profile_for("openai/gpt-4.1", above={"shown_tokens": 64_000}).shown == 64_000


def test_no_judge_has_a_say_before_it_has_shown_its_worth():
    assert not any(profile.judge_worth or profile.earned for profile in packaged_profiles())


def test_a_price_table_without_prices_and_an_unknown_key_are_errors():
    with pytest.raises(ValidationError, match="needs input_per_million"):
        PricePolicy(policy="table")
    with pytest.raises(ValidationError, match="edit_fromat"):
        ModelProfile.model_validate({"edit_fromat": "symbol"})


def test_a_strong_model_writes_test_files_and_names_winners_unless_its_profile_says_otherwise():
    strong = profile_for("anthropic/claude-sonnet-4-5")
    assert (strong.test_format, strong.names_winner, strong.judge_draws) == ("module", True, 3)
    own = ModelProfile(match=("*claude*",), names_winner=False, test_format="script")
    assert profile_for("anthropic/claude-sonnet-4-5", [own]).names_winner is False
    assert profile_for("anthropic/claude-sonnet-4-5", [own]).test_format == "script"
    for weak in ("local", "openai/nobody-knows-it"):
        assert profile_for(weak).names_winner is False
        assert profile_for(weak).test_format in ("structured", "script")
