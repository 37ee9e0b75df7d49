"""What Runoff assumes of a model: which formats it can write, what its endpoint offers, what it costs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from agent.models.kwargs import checked_kwargs
from agent.models.local.catalog import OWN
from agent.models.shown_tokens import MOST_UNASKED, MOST_WITH_TOOLS, USUAL_SHARE, Shown, tokens_of
from agent.models.table_profile import from_table, nearest_effort, reasoning_room

EditFormat = Literal["symbol", "search_replace", "whole_file"]
TestFormat = Literal["structured", "script", "module"]
Capability = Literal["grammar", "logprobs", "tools", "infill"]
"""What an endpoint may offer beyond chat, as a scaffold or a judge says that it needs it."""
Parameter = Literal[
    "temperature", "seed", "n", "logprobs", "tools", "tool_choice", "stop", "reasoning_effort", "thinking", "grammar"
]
"""What a request may hold beyond its messages and its room."""
Reasoning = Literal["", "always", "effort", "budget"]
"""Empty: it does not think; ``always``: it does, untold; ``effort``: litellm's ``reasoning_effort`` says how hard;
``budget``: ``thinking`` with a number of tokens."""


_SHOWN_TO_WEAK = 8_000
"""Tokens of the repository up to which a model, or its window, is too small to be taken for a strong one."""
_DRAWS = 3


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PricePolicy(_Frozen):
    """Where the price of a call comes from."""

    policy: Literal["error", "zero", "table"] = "error"
    """``error``: litellm's table, and a money limit is refused when it does not know the model; ``zero``: the model
    costs nothing; ``table``: the prices given here."""
    input_per_million: float = Field(default=0.0, ge=0)
    """US dollars per million prompt tokens."""
    output_per_million: float = Field(default=0.0, ge=0)
    """US dollars per million completion tokens."""
    cached_per_million: float | None = Field(default=None, ge=0)
    """US dollars per million prompt tokens that were read from the vendor's cache; None: as any others."""
    cache_write_per_million: float | None = Field(default=None, ge=0)
    """US dollars per million prompt tokens that were put into it; None: as any others."""

    @model_validator(mode="after")
    def _table_has_prices(self) -> PricePolicy:
        if self.policy == "table" and self.input_per_million == self.output_per_million == 0:
            raise ValueError("price policy 'table' needs input_per_million and output_per_million")
        return self


class JudgeWorth(_Frozen):
    """How a judge by this model did on graded patches: the area under the ROC curve within tasks (0.5 says nothing)."""

    auc: float | None = Field(ge=0, le=1)
    """Of a task's pairs of a right and a wrong patch, the share that it scored in that order, ties one half."""
    low: float | None = Field(default=None, ge=0, le=1)
    high: float | None = Field(default=None, ge=0, le=1)
    """Ends of the interval, by repository; None: too few repositories for one."""
    tasks: int = Field(default=0, ge=0)
    """Tasks with a right and a wrong patch that it scored."""
    pairs: int = Field(default=0, ge=0)
    repositories: int = Field(default=0, ge=0)
    missing: int = Field(default=0, ge=0)
    """Graded patches that it gave no score."""
    measured: str = ""
    """On what, and when."""

    @property
    def earned(self) -> bool:
        """Its interval lies above chance, on enough tasks for an interval to mean anything."""
        return self.tasks >= LEAST_TASKS and self.low is not None and self.low > 0.5


LEAST_TASKS = 10
"""Tasks with a right and a wrong patch, below which a judge has shown nothing: of two or three, drawn again and again,
the interval is often a single point."""


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class ModelProfile(_Frozen):
    """What is known of one model or family; the defaults are for a model that nobody has described."""

    match: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ("*",)
    """Shell patterns over the model's name."""
    like: str = ""
    """Of a user's own profile: the name of the model that this is, where its own (a deployment's, an alias's) tells
    nothing; what is known of that one, its price too, is what keys that are left out are."""
    edit_format: EditFormat = "search_replace"
    test_format: TestFormat = "script"
    scaffold: str = "edit-and-test"
    """How its editing trajectories work unless the configuration says: ``tools`` where it calls functions well."""
    tools: bool = False
    """The endpoint takes functions and the model calls them well."""
    shown_tokens: Shown = USUAL_SHARE
    """How much of the repository it is shown, unless the configuration says: tokens, or below 1 a share of its window.
    ``shown`` has it as tokens."""
    first_message_tokens: int | None = Field(default=None, gt=0)
    """How much of a loop with tools may stand before its first step; None: half of the window. Less where a model reads
    slowly: it looks for the rest by its tools."""
    answer_tokens: int = Field(default=4096, gt=0)
    """The room of one answer without its thought, unless the configuration says."""
    feedback_tokens: int = Field(default=0, ge=0)
    """How much of a test's output it is shown; 0: a share of its window."""
    server: Literal["", "llamacpp"] = ""
    """The kind of server behind ``api_base`` where its dialect matters; empty: plain OpenAI."""
    grammar: bool = False
    """The endpoint takes a GBNF grammar."""
    logprobs: bool = False
    """The endpoint returns the log-probabilities of its answer's tokens."""
    fim: tuple[str, str, str] | None = None
    """The model's tokens for fill-in-the-middle (before, after, middle), where its endpoint also takes raw texts."""
    temperature: bool = True
    """The endpoint takes a temperature; many reasoning models refuse one."""
    own_temperature: bool = False
    """It samples best as its vendor or server has set it: none is sent unless the configuration says one."""
    max_temperature: float = Field(default=2.0, gt=0, le=2)
    """The highest temperature that the endpoint takes."""
    max_tokens_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """What the endpoint calls the room of an answer."""
    drop: tuple[Parameter, ...] = ()
    """What the endpoint refuses of a request, whatever litellm's table says: never sent."""
    reasoning: Reasoning = ""
    """How it is told to think before it answers (see `Reasoning`)."""
    reasoning_effort: str = ""
    """How hard: ``low``, ``medium``, ``high`` or the vendor's own word; ``none``: not at all; empty: its default."""
    effort_wanted: str = ""
    """The word that was asked for, where the nearest one that the vendor takes stands in its place."""
    efforts: tuple[str, ...] = ()
    """The words for it that the vendor takes, the least first; empty: nobody has said. Another is the nearest one."""
    reasoning_tokens: int = Field(default=0, ge=0)
    """Room for the thought before an answer, added to every answer's own."""
    thinking_back: Literal["", "blocks", "reasoning_content", "reasoning_details"] = ""
    """As what its thought goes back to it while it calls functions."""
    cache_marks: bool = False
    """The vendor caches a prompt only up to where the request marks it."""
    context_tokens: int | None = Field(default=None, gt=0)
    """Prompt and answer together; None: nobody has said."""
    max_output_tokens: int = Field(default=16384, gt=0)
    """The most to ask for in one answer, its thought included."""
    parallel_slots: int = Field(default=8, gt=0)
    """How many answers the endpoint works on at once; also the largest ``n`` of one request to llama.cpp."""
    threads: int | None = Field(default=None, gt=0)
    """Of an embedded model: threads that compute; None: as a short measurement at its first start says."""
    judges: Mapping[str, JudgeWorth] = {}
    """Judge's name -> how it did with this model on graded patches (`runoff verifier calibrate` writes it)."""
    judge_worth: bool | None = None
    """Somebody's word on all its judges, above what was measured: they have a say, or none; None: ``judges`` tells."""
    judge_draws: int = Field(default=1, gt=0, le=20)
    """Verdicts that it gives as a judge, each after a thought; 1: one word, by its log-probabilities."""
    names_winner: bool = False
    """In the run-off it may name the winner, or say that the finalists are equal; what tests showed stands above."""
    price: PricePolicy = PricePolicy()
    model_kwargs: Annotated[dict[str, Any], AfterValidator(checked_kwargs)] = {}
    """Passed to litellm's ``completion`` as they are, e.g. ``num_ctx`` of ollama or ``extra_headers``."""

    @property
    def shown(self) -> int:
        """The tokens of the repository that it is shown."""
        tokens = tokens_of(self.shown_tokens, self.context_tokens)
        if "shown_tokens" in self.model_fields_set:
            return tokens
        return min(MOST_WITH_TOOLS if self.scaffold == "tools" else MOST_UNASKED, tokens)

    @property
    def earned(self) -> tuple[str, ...]:
        """The judges that have been measured and beat chance with this model, the best first."""
        found = {name: worth.auc or 0.0 for name, worth in self.judges.items() if worth.earned}
        return tuple(sorted(found, key=lambda name: (-found[name], name)))

    def lacks(self, needs: Collection[Capability]) -> list[Capability]:
        """Return those of ``needs`` that the endpoint is not known to offer."""
        offers: dict[Capability, bool] = {
            "grammar": self.grammar,
            "logprobs": self.logprobs,
            "tools": self.tools,
            "infill": self.fim is not None,
        }
        return [need for need in offers if need in needs and not offers[need]]

    def room(self, tokens: int) -> int:
        """Return the room of an answer of so many tokens: with what the model thinks before it."""
        return min(tokens + self.reasoning_tokens, max(tokens, self.max_output_tokens))


def profile_for(
    name: str,
    own: Sequence[ModelProfile] = (),
    *,
    above: Mapping[str, Any] | None = None,
    kwargs: Mapping[str, Any] | None = None,
) -> ModelProfile:
    """Return what is known of a model: by its family's name, over it litellm's table, the packaged profile, the user's.

    Of the packaged ones the first whose pattern matches the name counts; of the user's all that match do, the first
    that sets a key having its say. ``above``: keys that stand above all profiles; ``kwargs``: added to their
    ``model_kwargs``.
    """
    known_as = next((one.like for one in own if one.like and _matches(one, name)), name)
    known = {} if known_as.startswith(OWN) else {**_family(known_as), **from_table(known_as)}
    called = "local" if known_as.startswith(OWN) else known_as
    layers = [_said(one) for one in packaged_profiles() if _matches(one, called)][:1]
    layers += [_of_own_file(known_as)] if known_as.startswith(OWN) else []
    layers += [_said(one) for one in reversed([one for one in own if _matches(one, name)])]
    for said in (*layers, dict(above or {})):
        if "reasoning_effort" in said:
            known.pop("reasoning_tokens", None)  # was the room of another effort
        known |= said
    if kwargs:
        known["model_kwargs"] = {**known.get("model_kwargs", {}), **kwargs}
    return ModelProfile.model_validate(_as_strong(_completed(known)))


@cache
def packaged_profiles() -> tuple[ModelProfile, ...]:
    """Return the profiles that come with Runoff, in the order in which they are tried."""
    return _read("profiles.yaml")


@cache
def families() -> tuple[ModelProfile, ...]:
    """Return what models' names tell of them whoever serves them, in the order in which they are tried."""
    return _read("families.yaml")


def _read(file: str) -> tuple[ModelProfile, ...]:
    rows = yaml.safe_load(files("agent.models").joinpath(file).read_text(encoding="utf-8"))
    return tuple(ModelProfile.model_validate(row) for row in rows)


def _family(name: str) -> dict[str, Any]:
    said = next((_said(one) for one in families() if _matches(one, name)), {})
    return {key: value for key, value in said.items() if key != "match"}


def _of_own_file(name: str) -> dict[str, Any]:
    from agent.models.local.own_profile import own_profile  # late: it fetches the file, by code that reads profiles

    return own_profile(name)


def _matches(profile: ModelProfile, name: str) -> bool:
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in profile.match)


def _said(profile: ModelProfile) -> dict[str, Any]:
    """Return the keys that a profile sets."""
    return {key: getattr(profile, key) for key in profile.model_fields_set}


def _as_strong(known: dict[str, Any]) -> dict[str, Any]:
    """Return a profile's keys with what a strong model is trusted with, where none says otherwise.

    Strong is what calls functions well and is shown a lot. Such a model is run at its vendor's own temperature, as its
    published figures are (mini-swe-agent sends none since 2026; Gemini's and Qwen's makers warn of low ones); its
    trajectories differ enough by that. That such a model names the winner has been measured
    (CodeMonkeys, arXiv 2501.14723, section 5.3); that its scores as a judge beat chance has not, here.
    """
    if not known.get("tools") or _shown(known) <= _SHOWN_TO_WEAK:
        return known
    draws = 1 if known.get("logprobs") else _DRAWS
    strong = {"test_format": "module", "names_winner": True, "judge_draws": draws, "own_temperature": True}
    return {**strong, **known}


def _shown(known: Mapping[str, Any]) -> int:
    return tokens_of(known.get("shown_tokens", USUAL_SHARE), known.get("context_tokens"))


def _completed(known: dict[str, Any]) -> dict[str, Any]:
    """Return a profile's keys with what follows from others, where none says otherwise.

    The scaffold of a model that calls functions, an effort that its vendor takes, the room that its thought needs.
    """
    if known.get("tools") and "scaffold" not in known:
        known = {**known, "scaffold": "tools"}
    effort, taken = known.get("reasoning_effort"), known.get("efforts")
    if effort and taken and (nearest := nearest_effort(effort, taken)) != effort:
        known = {**known, "reasoning_effort": nearest, "effort_wanted": effort}
    if known.get("reasoning") and "reasoning_tokens" not in known:
        effort = "" if known["reasoning"] == "always" else known.get("reasoning_effort", "")
        return {**known, "reasoning_tokens": reasoning_room(effort)}
    return known
