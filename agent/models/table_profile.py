"""What litellm's table says of a model, as the keys of a profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.models.model_table import table_row

LONGEST_ANSWER = 32_000
"""Tokens of the longest answer to ask for in one request: more takes longer than a request may last."""
_ANSWER = 8_192
ROOM_OF_EFFORT = {"none": 0, "minimal": 2_048, "low": 4_096, "medium": 8_192, "high": 16_384}
"""Tokens of thought at most, by how hard a model is told to think; a word that is not here takes the most."""

_STRENGTH = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


def from_table(name: str) -> dict[str, Any]:
    """Return the keys of a profile that the table gives for a model; empty where it does not know it."""
    row = table_row(name)
    if not row:
        return {}
    window = _count(row.get("max_input_tokens")) or _count(row.get("max_tokens"))
    most = _count(row.get("max_output_tokens")) or _count(row.get("max_tokens"))
    known: dict[str, Any] = {
        **({"tools": bool(row["supports_function_calling"])} if "supports_function_calling" in row else {}),
        "temperature": row.get("supports_sampling_params") is not False,
        **_reasoning(row, name),
    }
    if window:
        known["context_tokens"] = window
    if most:
        known["max_output_tokens"] = min(most, LONGEST_ANSWER)
        known["answer_tokens"] = min(_ANSWER, most, max((window or most) // 4, 1))
    return known


def reasoning_room(effort: str) -> int:
    """Return the room for the thought of a model that thinks so hard; empty: as hard as its vendor says."""
    return ROOM_OF_EFFORT.get(effort or "high", LONGEST_ANSWER - _ANSWER)


def nearest_effort(effort: str, taken: Sequence[str]) -> str:
    """Return the word for an effort that a vendor takes: itself, else the nearest one in strength."""
    if effort in taken or effort not in _STRENGTH:
        return effort
    known = [word for word in taken if word in _STRENGTH]
    return min(known, key=lambda word: abs(_STRENGTH.index(word) - _STRENGTH.index(effort)), default=effort)


def _reasoning(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    if not row.get("supports_reasoning"):
        return {}
    budget = "claude" in name.lower() and not row.get("supports_adaptive_thinking")
    known: dict[str, Any] = {"reasoning": "budget" if budget else "effort"}
    if row.get("default_reasoning_effort") == "none":  # it does not think unless it is told to
        known["reasoning_effort"] = "medium"
    elif row.get("supports_adaptive_thinking") and not row.get("thinking_on_by_default"):
        known["reasoning_effort"] = "high"
    return known


def _count(value: Any) -> int:
    """Return a number of tokens; 0 for what is none (some rows hold text)."""
    return int(value) if isinstance(value, int | float) and value > 0 else 0
