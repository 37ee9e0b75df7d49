"""What a call costs: cached reads, cache writes, long prompts, and names that nobody knows."""

import pytest

from agent.models.contract import Usage
from agent.models.prices import Price, price_of
from agent.models.profiles import PricePolicy

LISTED = PricePolicy()


def test_what_is_read_from_the_cache_and_put_into_it_has_prices_of_its_own():
    price = price_of("anthropic/claude-sonnet-4-5", LISTED)
    usage = Usage(prompt_tokens=100_000, cached_prompt_tokens=80_000, cache_write_tokens=10_000, completion_tokens=1000)
    assert price.of(usage) == pytest.approx(10_000 * 3e-6 + 80_000 * 3e-7 + 10_000 * 3.75e-6 + 1000 * 1.5e-5)


def test_a_long_prompt_has_the_price_of_its_tier_for_all_its_tokens():
    price = price_of("gemini/gemini-2.5-pro", LISTED)
    assert price.of(Usage(prompt_tokens=200_000)) == pytest.approx(200_000 * 1.25e-6)
    assert price.of(Usage(prompt_tokens=200_001)) == pytest.approx(200_001 * 2.5e-6)
    cached = Usage(prompt_tokens=300_000, cached_prompt_tokens=300_000)
    assert price.of(cached) < price.of(Usage(prompt_tokens=300_000)) / 2


def test_the_worst_case_is_never_less_than_what_a_call_can_cost():
    for name in ("anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-pro", "openai/gpt-4o"):
        price = price_of(name, LISTED)
        for prompt in (1000, 199_000, 250_000, 400_000):
            for cached, written in ((0, 0), (prompt, 0), (0, prompt), (prompt // 2, prompt // 2)):
                usage = Usage(
                    prompt_tokens=prompt, cached_prompt_tokens=cached, cache_write_tokens=written, completion_tokens=9
                )
                assert (
                    price.of(usage) <= price.worst(prompt).of(Usage(prompt_tokens=prompt, completion_tokens=9)) + 1e-12
                )


@pytest.mark.parametrize(
    "name", ["hosted_vllm/gpt-4o", "openai/my-own", "openrouter/gpt-4o", "nonsense", "ollama/qwen3"]
)
def test_a_price_nobody_knows_stays_unknown(name):
    assert price_of(name, LISTED) is None


@pytest.mark.parametrize("name", ["openai/gpt-4o", "gpt-4o", "anthropic/claude-sonnet-4-5", "deepseek/deepseek-chat"])
def test_a_vendors_own_models_are_known_with_and_without_its_name(name):
    assert price_of(name, LISTED).prompt > 0


def test_a_users_own_prices_may_tell_the_cache_too():
    own = PricePolicy(
        policy="table", input_per_million=2, output_per_million=8, cached_per_million=0.5, cache_write_per_million=2.5
    )
    assert price_of("x", own) == Price(2e-6, 8e-6, 5e-7, 2.5e-6)
    without = price_of("x", PricePolicy(policy="table", input_per_million=2, output_per_million=8))
    assert without.of(Usage(prompt_tokens=10, cached_prompt_tokens=10)) == pytest.approx(20e-6)
