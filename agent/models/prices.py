"""What a token costs."""

from __future__ import annotations

from dataclasses import dataclass

from agent.models.contract import Usage
from agent.models.litellm_import import litellm
from agent.models.profiles import PricePolicy


@dataclass(frozen=True)
class Price:
    """US dollars per token."""

    prompt: float
    completion: float
    cached_prompt: float

    def of(self, usage: Usage) -> float:
        """Return the dollars that a call's tokens cost."""
        fresh = max(usage.prompt_tokens - usage.cached_prompt_tokens, 0)
        return (
            fresh * self.prompt
            + usage.cached_prompt_tokens * self.cached_prompt
            + usage.completion_tokens * self.completion
        )


FREE = Price(0.0, 0.0, 0.0)


def price_of(name: str, policy: PricePolicy) -> Price | None:
    """Return a model's price, or None when nobody has said what it costs."""
    if policy.policy == "zero":
        return FREE
    if policy.policy == "table":
        prompt = policy.input_per_million / 1e6
        return Price(prompt, policy.output_per_million / 1e6, prompt)
    return _listed_price(name)


def _listed_price(name: str) -> Price | None:
    """Look the model up in litellm's own table; its `get_model_info` makes up zeros for names it guesses."""
    table = litellm().model_cost
    row = table.get(name) or table.get(name.partition("/")[2]) or {}
    if not row.get("input_cost_per_token") or not row.get("output_cost_per_token"):
        return None
    prompt = float(row["input_cost_per_token"])
    cached = float(row.get("cache_read_input_token_cost") or prompt)
    return Price(prompt, float(row["output_cost_per_token"]), cached)
