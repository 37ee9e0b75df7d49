"""Calls alike in one answer, for vendors whose calls have no ids.

litellm leaves out all but the first of Gemini's calls that are alike, and sends the results of all: refused.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

Sent = dict[str, Any]


def folded(messages: Sequence[Sent]) -> list[Sent]:
    """Return messages in which calls alike in one answer are one call, whose result is what all of them gave."""
    instead: dict[str, str] = {}
    kept: list[Sent] = []
    for message in messages:
        if calls := message.get("tool_calls"):
            instead = _instead(calls)
            kept.append({**message, "tool_calls": [call for call in calls if call.get("id") not in instead]})
        elif (first := instead.get(str(message.get("tool_call_id")))) is not None:
            _join(kept, first, str(message["content"]))
        else:
            kept.append(message)
    return kept


def _instead(calls: Sequence[Sent]) -> dict[str, str]:
    """Return the ids of calls that were made before in the same answer -> the id of the first one."""
    first: dict[str, str] = {}
    instead: dict[str, str] = {}
    for call in calls:
        id = str(call.get("id"))
        before = first.setdefault(_said(call.get("function") or {}), id)
        if before != id:
            instead[id] = before
    return instead


def _said(function: Sent) -> str:
    arguments = function.get("arguments")
    if isinstance(arguments, str):
        with suppress(ValueError):  # alike where the text is
            arguments = json.loads(arguments or "{}")
    return json.dumps([function.get("name"), arguments], sort_keys=True)


def _join(kept: list[Sent], id: str, more: str) -> None:
    """Put a result under that of the first call, once where both are the same."""
    for place in range(len(kept) - 1, -1, -1):
        if kept[place].get("tool_call_id") == id:
            before = kept[place]
            if more != before["content"]:
                kept[place] = {**before, "content": f"{before['content']}\n\n{more}"}
            return
