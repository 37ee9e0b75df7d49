"""What Runoff assumes of a model: which formats it can write, what its endpoint offers, what it costs."""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

EditFormat = Literal["symbol", "search_replace", "whole_file"]
TestFormat = Literal["structured", "script", "module"]
Capability = Literal["grammar", "logprobs", "tools"]
"""What an endpoint may offer beyond chat, as a scaffold or a judge says that it needs it."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PricePolicy(_Frozen):
    """Where the price of a call comes from.

    ``error``: litellm's table, and a money limit is refused when it does not know the model; ``zero``: the model
    costs nothing; ``table``: the two prices given here.
    """

    policy: Literal["error", "zero", "table"] = "error"
    input_per_million: float = Field(default=0.0, ge=0)
    """US dollars per million prompt tokens."""
    output_per_million: float = Field(default=0.0, ge=0)
    """US dollars per million completion tokens."""

    @model_validator(mode="after")
    def _table_has_prices(self) -> PricePolicy:
        if self.policy == "table" and self.input_per_million == self.output_per_million == 0:
            raise ValueError("price policy 'table' needs input_per_million and output_per_million")
        return self


class ModelProfile(_Frozen):
    """What is known of one model or family; the defaults are the safe choice for an unknown one."""

    match: tuple[str, ...] = ("*",)
    """Shell patterns over the model's name."""
    edit_format: EditFormat = "search_replace"
    test_format: TestFormat = "script"
    scaffold: str = "edit-and-test"
    """How its editing trajectories work unless the configuration says: ``tools`` where it calls functions well."""
    tools: bool = False
    """The endpoint takes functions and the model calls them well."""
    shown_tokens: int = Field(default=4000, gt=0)
    """How much of the repository it is shown, unless the configuration says."""
    answer_tokens: int = Field(default=1024, gt=0)
    """The room of one answer without its thought, unless the configuration says."""
    server: Literal["", "llamacpp"] = ""
    """The kind of server behind ``api_base`` where its dialect matters; empty: plain OpenAI."""
    grammar: bool = False
    """The endpoint takes a GBNF grammar."""
    logprobs: bool = False
    """The endpoint returns the log-probabilities of its answer's tokens."""
    temperature: bool = True
    """The endpoint takes a temperature; many reasoning models refuse one."""
    max_temperature: float = Field(default=2.0, gt=0, le=2)
    """The highest temperature that the endpoint takes."""
    max_tokens_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """What the endpoint calls the room of an answer."""
    reasoning_tokens: int = Field(default=0, ge=0)
    """Room for the thought before an answer, added to every answer's own."""
    context_tokens: int | None = Field(default=None, gt=0)
    """Prompt and answer together; None: ask litellm's table."""
    max_output_tokens: int = Field(default=4096, gt=0)
    """The most to ask for in one answer."""
    parallel_slots: int = Field(default=4, gt=0)
    """How many answers the endpoint works on at once; also the largest ``n`` of one request to llama.cpp."""
    judge_worth: bool = False
    """As a judge it has beaten chance on graded outcomes of other repositories."""
    price: PricePolicy = PricePolicy()

    def lacks(self, needs: Collection[Capability]) -> list[Capability]:
        """Return those of ``needs`` that the endpoint is not known to offer."""
        offers: dict[Capability, bool] = {"grammar": self.grammar, "logprobs": self.logprobs, "tools": self.tools}
        return [need for need in offers if need in needs and not offers[need]]


@cache
def packaged_profiles() -> tuple[ModelProfile, ...]:
    """Return the profiles that come with Runoff, in the order in which they are tried."""
    rows = yaml.safe_load(files("agent.models").joinpath("profiles.yaml").read_text(encoding="utf-8"))
    return tuple(ModelProfile.model_validate(row) for row in rows)


def profile_for(name: str) -> ModelProfile:
    """Return the first profile whose pattern matches the model's name."""
    for profile in packaged_profiles():
        if any(fnmatchcase(name, pattern) for pattern in profile.match):
            return profile
    return ModelProfile()
