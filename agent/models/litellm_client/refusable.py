"""What an endpoint may refuse of a request, how its refusal names that, and what the request is without it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.models.litellm_client.cache_marks import is_marked, unmarked
from agent.models.litellm_client.wire import alternating, thoughtful, thoughtless, without_functions, without_system

ROOMS = ("max_tokens", "max_completion_tokens")
"""What the room of an answer may be called."""
STREAM = "whole answer"
"""The rule for an endpoint that answers in pieces alone: they are joined where they are read."""
_NO_GRAMMAR = (*ROOMS, "stream", "stream_options")
RENAMED = "the room of an answer"
"""The rule for a room that is called otherwise already."""
Arguments = dict[str, Any]
"""What litellm's ``completion`` is called with."""


@dataclass(frozen=True)
class Rule:
    """One parameter that an endpoint may refuse."""

    named: re.Pattern[str]
    """How a refusal names it."""
    sent: Callable[[Arguments], bool]
    """Whether a request has it."""
    change: Callable[[Arguments, float | None], None]
    """Leaves it out of a request, or lowers it to a bound."""
    bound: Callable[[Arguments], float] | None = None
    """Its value, where a refusal may name a lower one that is taken."""


def _drop(*names: str) -> Callable[[Arguments, float | None], None]:
    def change(arguments: Arguments, bound: float | None) -> None:
        if bound is not None:
            arguments[names[0]] = type(arguments[names[0]])(bound)
            return
        for name in names:
            arguments.pop(name, None)

    return change


def _otherwise(name: str, other: str) -> Callable[[Arguments, float | None], None]:
    """Call the room otherwise: in ``extra_body``, for litellm renames it back where it knows the model."""

    def change(arguments: Arguments, bound: float | None) -> None:
        if bound is not None:
            arguments[name] = min(arguments[name], int(bound))
        else:
            arguments["extra_body"] = {**(arguments.get("extra_body") or {}), other: arguments.pop(name)}

    return change


def _room_renamed(arguments: Arguments, bound: float | None) -> None:
    name, room = next((name, room) for name, room in arguments["extra_body"].items() if name in ROOMS)
    kept = {key: value for key, value in arguments.pop("extra_body").items() if key != name}
    if bound is not None:
        kept[name] = min(room, int(bound))
    if kept:
        arguments["extra_body"] = kept


def room_of(arguments: Arguments) -> tuple[str, int] | None:
    """Return what a request calls the room of its answer, and the room; None where it is left out."""
    for where in (arguments, arguments.get("extra_body") or {}):
        for name in ROOMS:
            if name in where:
                return name, int(where[name])
    return None


def _held_back(arguments: Arguments, bound: float | None) -> None:
    kept = {key: value for key, value in arguments.pop("extra_body").items() if key in _NO_GRAMMAR}
    if kept:
        arguments["extra_body"] = kept


def _in_pieces(arguments: Arguments, bound: float | None) -> None:
    pieces = {"stream": True, "stream_options": {"include_usage": True}}
    arguments["extra_body"] = {**(arguments.get("extra_body") or {}), **pieces}


def _no_tools(arguments: Arguments, bound: float | None) -> None:
    arguments["messages"] = without_functions(arguments["messages"])
    _drop("tools", "tool_choice")(arguments, None)


def _roles(shape: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Callable[[Arguments, float | None], None]:
    def change(arguments: Arguments, bound: float | None) -> None:
        arguments["messages"] = shape(arguments["messages"])

    return change


def says(pattern: str) -> re.Pattern[str]:
    """Return the pattern of how a refusal names something."""
    return re.compile(pattern, re.IGNORECASE)


def _has(name: str) -> Callable[[Arguments], bool]:
    return lambda arguments: name in arguments


RULES: dict[str, Rule] = {
    "max_tokens": Rule(
        says(r"\bmax_tokens\b|max[ _]?output[ _]?tokens|maximum tokens you requested"),
        _has("max_tokens"),
        _otherwise("max_tokens", "max_completion_tokens"),
        bound=lambda arguments: float(arguments["max_tokens"]),
    ),
    "max_completion_tokens": Rule(
        says(r"\bmax_completion_tokens\b"),
        _has("max_completion_tokens"),
        _otherwise("max_completion_tokens", "max_tokens"),
        bound=lambda arguments: float(arguments["max_completion_tokens"]),
    ),
    RENAMED: Rule(
        says(r"\bmax_(completion_)?tokens\b|max[ _]?output[ _]?tokens"),
        lambda arguments: any(name in (arguments.get("extra_body") or {}) for name in ROOMS),
        _room_renamed,
        bound=lambda arguments: float((room_of(arguments) or ("", 0))[1]),
    ),
    "temperature": Rule(
        says(r"\btemperature\b"),
        _has("temperature"),
        _drop("temperature"),
        bound=lambda arguments: float(arguments["temperature"]),
    ),
    STREAM: Rule(
        says(
            r"only supports? (the )?stream|stream(ing)?( mode)? (is )?(required|only)|enable the stream"
            r"|non-?stream(ing)? (calls?|mode|requests?)"
            r"|stream['\"`]? (must|should|has to|needs to) be (set to )?['\"`]?true"
        ),
        lambda arguments: "stream" not in (arguments.get("extra_body") or {}),
        _in_pieces,
    ),
    "seed": Rule(says(r"\bseed\b"), _has("seed"), _drop("seed")),
    "logprobs": Rule(
        says(r"log_?probs|log.?probabilit"),
        _has("top_logprobs"),
        _drop("top_logprobs", "logprobs"),
        bound=lambda arguments: float(arguments["top_logprobs"]),
    ),
    "grammar": Rule(
        says(r"^(?!.*pars).*(\bgrammar\b|extra_body|guided)"),
        lambda arguments: any(key not in _NO_GRAMMAR for key in arguments.get("extra_body") or {}),
        _held_back,
    ),
    "cache marks": Rule(
        says(r"cache_control|cache ?point|prompt.?caching"),
        lambda arguments: is_marked(arguments["messages"]),
        _roles(unmarked),
    ),
    "stop": Rule(
        says(r"['\"`]stop['\"`]|\bstop_sequences\b|\bstop\b.{0,20}\b(support|param|word|sequence)"),
        _has("stop"),
        _drop("stop"),
    ),
    "tool_choice": Rule(says(r"tool[_ -]?choice"), _has("tool_choice"), _drop("tool_choice")),
    "thinking": Rule(says(r"\bthinking\b"), _has("thinking"), _drop("thinking")),
    "reasoning_effort": Rule(
        says(
            r"reasoning[_.]?effort|['\"`]reasoning['\"`]|output_config|\beffort\b|\bthink(ing)?\b|thinking_?(level|budget|config)"
        ),
        _has("reasoning_effort"),
        _drop("reasoning_effort"),
    ),
    "thoughts sent back": Rule(
        says(r"thinking_blocks|reasoning_content|reasoning_details|thought_?signature|signature\b.*\bthinking"),
        lambda arguments: any(thoughtful(message) for message in arguments["messages"]),
        _roles(thoughtless),
    ),
    "tools": Rule(
        says(r"\btools?\b.{0,40}support|support.{0,40}\btools?\b|function calling|tool-call-parser"),
        _has("tools"),
        _no_tools,
    ),
    "n": Rule(
        says(r"['\"`]n['\"`]|\bn\b ?(must|is|should|=|>|!=)|parameter:? n\b|number of (choices|completions)"),
        _has("n"),
        _drop("n"),
    ),
    "system role": Rule(
        says(r"system['\"`]? ?(role|message|prompt|instruction)|\brole\b.{0,40}\bsystem\b|developer instruction"),
        lambda arguments: any(message["role"] == "system" for message in arguments["messages"]),
        _roles(without_system),
    ),
    "roles in a row": Rule(
        says(r"roles? must alternate|must alternate|alternate between"),
        lambda arguments: alternating(arguments["messages"]) != arguments["messages"],
        _roles(alternating),
    ),
}
