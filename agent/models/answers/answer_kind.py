"""What an answer is, by its text, its calls and its finish reason: what is no whole answer is told apart."""

from __future__ import annotations

import json
from typing import Any, Literal

from agent.models.contract import Choice

AnswerKind = Literal["whole", "cut", "filtered", "malformed_call", "tool_calls_only", "empty"]

REPORTED: dict[str, str] = {
    "cut": "cut by their length",
    "filtered": "withheld by a content filter",
    "malformed_call": "with calls of functions that cannot be read",
    "no_call": "without a call of a tool",
    "tool_calls_only": "with calls of functions alone",
    "no_functions": "made without functions, for the endpoint refused them (called by blocks of text from then on)",
    "garbled_functions": "after which functions were given up, for they came garbled (called by blocks of text)",
    "empty": "empty",
}
"""Kind -> what a report says of so many answers; what the model is told stands in the prompts ``no_answer`` and
``tools/remark``."""

_CUT = frozenset({"length", "max_tokens", "model_length", "max_output_tokens", "model_context_window_exceeded"})
_FILTERED = frozenset({"content_filter", "safety", "refusal", "recitation", "blocklist", "prohibited_content", "spii"})
_MALFORMED = frozenset(
    {"malformed_function_call", "malformed_tool_call", "unexpected_tool_call", "malformed_response", "tool_use_failed"}
)
OWN_WORDS = _CUT | _FILTERED | _MALFORMED
"""Vendors' own words for an end that is none of a whole answer."""


def kind_of(choice: Choice, *, tools: bool = False) -> AnswerKind:
    """Tell what an answer is; a text that ended by itself is whole, whatever it says.

    ``tools``: functions were offered, so that calls of them alone are an ordinary answer.
    """
    reason = choice.finish_reason.lower()
    if reason in _CUT:
        return "cut"
    if reason in _FILTERED:
        return "filtered"
    if reason in _MALFORMED or (tools and any(not readable_call(call) for call in choice.tool_calls)):
        return "malformed_call"
    if choice.content.strip() or (tools and choice.tool_calls):
        return "whole"
    return "tool_calls_only" if choice.tool_calls else "empty"


def readable_call(call: dict[str, Any]) -> bool:
    """Tell whether a call of a function names one, and holds its arguments as a JSON object."""
    function = call.get("function")
    if not isinstance(function, dict) or not function.get("name"):
        return False
    arguments = function.get("arguments")
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments or "{}", strict=False)
        except (ValueError, RecursionError):
            return False
    return isinstance(arguments, dict)
