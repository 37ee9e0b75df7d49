"""A trajectory's conversation, put together again from its record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from agent.models.contract import Message
from agent.trajectory.journal import said


def transcript(lines: Iterable[Mapping[str, Any]]) -> tuple[Message, ...]:
    """Return a trajectory's conversation from its record, the last answer included."""
    told: list[Message] = []
    answer = None
    for line in lines:
        if line.get("kind") == "model":
            request = line["request"]
            told[request["messages_kept"] :] = map(Message.model_validate, request["messages"])
            answer = _answered(line)
    return (*told, answer) if answer else ()


def _answered(line: Mapping[str, Any]) -> Message:
    """Return a recorded answer, its calls of tools included."""
    choices = line["answer"]["choices"]
    calls = tuple(choices[0].get("tool_calls") or ()) if choices else ()
    return Message(role="assistant", content=said(line), tool_calls=calls)
