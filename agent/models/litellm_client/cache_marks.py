"""Marks up to where a vendor caches a prompt: the part that a task's requests share, and the last turns.

Anthropic's models read a prompt again from the start unless the request marks where what is worth keeping ends; four
marks at most. The text of a prompt is the same with and without them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_MARK = {"type": "ephemeral"}
_LAST_TURNS = 2
_OWN_PART = re.compile(r"\n\n(?=# (?:Proposed change|Candidate changes|Request)\n)")
"""Where, in a task's first message, what one trajectory or judge alone is asked begins."""


def marked(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return messages with marks after the system message, the shared part of the first one, and the last turns."""
    out = [dict(message) for message in messages]
    turns = [i for i, message in enumerate(out) if message["role"] in ("user", "tool")]
    first = turns[0] if turns else None
    for i in {*turns[-_LAST_TURNS:]} - {first}:
        _mark(out[i])
    if first is not None:
        _mark_shared(out[first], whole=first in turns[-_LAST_TURNS:])
    if out and out[0]["role"] == "system":
        _mark(out[0])
    return out


def is_marked(messages: Sequence[dict[str, Any]]) -> bool:
    """Tell whether messages have marks."""
    return any("cache_control" in message or isinstance(message.get("content"), list) for message in messages)


def unmarked(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return messages without marks, for an endpoint that knows none."""
    out = []
    for message in messages:
        plain = {key: value for key, value in message.items() if key != "cache_control"}
        if isinstance(plain.get("content"), list):
            plain["content"] = "".join(part["text"] for part in plain["content"])
        out.append(plain)
    return out


def _mark(message: dict[str, Any]) -> None:
    """Mark the end of a message."""
    text = message["content"]
    if message["role"] == "tool":
        message["cache_control"] = _MARK
    elif isinstance(text, str) and text.strip():
        message["content"] = [{"type": "text", "text": text, "cache_control": _MARK}]


def _mark_shared(message: dict[str, Any], *, whole: bool) -> None:
    """Mark the end of the first message's shared part, and of all of it where it is one of the last turns."""
    text = message["content"]
    places = list(_OWN_PART.finditer(text)) if isinstance(text, str) and message["role"] == "user" else []
    if not places:
        _mark(message)
        return
    cut = places[-1].end()
    if len(places) > 1 and not text.startswith("# Request", places[-2].end()):
        cut = places[-2].end()  # a judge's question: the change, then the request
    own = {"type": "text", "text": text[cut:], **({"cache_control": _MARK} if whole else {})}
    message["content"] = [{"type": "text", "text": text[:cut], "cache_control": _MARK}, own]
