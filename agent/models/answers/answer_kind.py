"""What an answer is, by its text and its finish reason: four things that are no whole answer are told apart."""

from __future__ import annotations

from typing import Literal

from agent.models.contract import Choice

AnswerKind = Literal["whole", "cut", "filtered", "tool_calls_only", "empty"]

_CUT = frozenset({"length", "max_tokens", "model_length", "max_output_tokens"})
_FILTERED = frozenset({"content_filter", "safety", "refusal", "recitation", "blocklist", "prohibited_content"})


def kind_of(choice: Choice) -> AnswerKind:
    """Tell what an answer is; a text that ended by itself is whole, whatever it says."""
    reason = choice.finish_reason.lower()
    if reason in _CUT:
        return "cut"
    if reason in _FILTERED:
        return "filtered"
    if choice.content.strip():
        return "whole"
    return "tool_calls_only" if choice.tool_calls else "empty"
