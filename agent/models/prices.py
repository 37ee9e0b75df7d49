"""What a token costs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from agent.models.contract import Usage
from agent.models.litellm_import import litellm
from agent.models.profiles import ModelProfile, PricePolicy


@dataclass(frozen=True)
class Price:
    """US dollars per token."""

    prompt: float
    completion: float
    cached_prompt: float
    cache_write: float | None = None
    """Of a prompt's tokens that are put into the vendor's cache; None: as any other."""
    above: tuple[tuple[int, Price], ...] = ()
    """What all tokens of a call cost whose prompt is longer than so many tokens, shortest first."""

    def of(self, usage: Usage) -> float:
        """Return the dollars that one call's tokens cost."""
        price = self._at(usage.prompt_tokens)
        cached = min(usage.cached_prompt_tokens, usage.prompt_tokens)
        written = min(usage.cache_write_tokens, usage.prompt_tokens - cached)
        return (
            (usage.prompt_tokens - cached - written) * price.prompt
            + cached * price.cached_prompt
            + written * (price.prompt if price.cache_write is None else price.cache_write)
            + usage.completion_tokens * price.completion
        )

    def worst(self, prompt_tokens: int) -> Price:
        """Return the most that the tokens of a call can cost whose prompt has at most so many: nothing is cached."""
        tiers = [self, *(price for most, price in self.above if prompt_tokens > most)]
        prompt = max(max(tier.prompt, tier.cache_write or 0.0, tier.cached_prompt) for tier in tiers)
        return Price(prompt, max(tier.completion for tier in tiers), prompt)

    def _at(self, prompt_tokens: int) -> Price:
        return next((price for most, price in reversed(self.above) if prompt_tokens > most), self)


FREE = Price(0.0, 0.0, 0.0)

_TIER = re.compile(r"(?:in|out)put_cost_per_token_above_(\d+)k_tokens")
_PROVIDERS = {"bedrock": ("bedrock", "bedrock_converse"), "vertex_ai": ("vertex_ai",), "azure": ("azure", "azure_text")}
"""What litellm's table calls the vendor of a row where its names for it are several."""


def price_of(name: str, policy: PricePolicy) -> Price | None:
    """Return a model's price, or None when nobody has said what it costs."""
    if policy.policy == "zero":
        return FREE
    if policy.policy == "table":
        prompt = policy.input_per_million / 1e6
        cached, write = policy.cached_per_million, policy.cache_write_per_million
        return Price(
            prompt,
            policy.output_per_million / 1e6,
            prompt if cached is None else cached / 1e6,
            None if write is None else write / 1e6,
        )
    return _listed_price(name)


def known_price(name: str, profile: ModelProfile) -> Price | None:
    """Return a model's price by all that is known of it, or None when nobody has said what it costs."""
    return price_of(profile.like or name, profile.price)


def _listed_price(name: str) -> Price | None:
    """Look the model up in litellm's own table; its `get_model_info` makes up zeros for names it guesses."""
    row = _row(name)
    base = _price(row, "")
    if base is None:
        return None
    tiers = sorted({int(found[1]) for key in row if (found := _TIER.fullmatch(key))})
    above = [(tier * 1000, price) for tier in tiers if (price := _price(row, f"_above_{tier}k_tokens", base))]
    return replace(base, above=tuple(above))


def _row(name: str) -> Mapping[str, Any]:
    """Return the table's row of a model; a name of one vendor's is not priced as another vendor's of the same name."""
    table = litellm().model_cost
    if name in table:
        return dict(table[name])
    vendor, _, bare = name.partition("/")
    row = table.get(bare) or {}
    known = str(row.get("litellm_provider", ""))
    return dict(row) if any(known.startswith(one) for one in _PROVIDERS.get(vendor, (vendor,))) else {}


def _price(row: Mapping[str, Any], tier: str, base: Price | None = None) -> Price | None:
    """Read one tier of a row; what it leaves out costs as in ``base``."""
    prompt = row.get(f"input_cost_per_token{tier}") or (base and base.prompt)
    completion = row.get(f"output_cost_per_token{tier}") or (base and base.completion)
    if not prompt or not completion:
        return None
    read, write = row.get(f"cache_read_input_token_cost{tier}"), row.get(f"cache_creation_input_token_cost{tier}")
    share = float(prompt) / base.prompt if base else 1.0
    if read is None and base:
        read = base.cached_prompt * share
    if write is None and base and base.cache_write is not None:
        write = base.cache_write * share
    return Price(float(prompt), float(completion), float(read or prompt), float(write) if write else None)
