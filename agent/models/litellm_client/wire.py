"""Messages as they are sent: in the OpenAI interface's words, without what no endpoint takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.models.answers.thoughts_kept import thoughts_back
from agent.models.contract import Message

NO_ANSWER = "(no answer)"
"""Stands for an assistant's empty message, which many endpoints refuse."""


def wire(messages: Sequence[Message], thinking_back: str = "") -> list[dict[str, Any]]:
    """Return messages as the OpenAI interface spells them.

    ``thinking_back``: as what the vendor wants its thoughts back (see `ModelProfile`); empty: they are left out.
    """
    return [{**_wire(message), **thoughts_back(message, thinking_back)} for message in messages]


def without_system(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return messages for an endpoint that knows no system role: what it would say opens the first user message."""
    users = [{**message, "role": "user"} if message["role"] == "system" else message for message in messages]
    return alternating(users)


def alternating(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return messages for an endpoint whose roles must alternate: neighbours of one role become one message."""
    merged: list[dict[str, Any]] = []
    for message in messages:
        if merged and merged[-1].keys() == message.keys() == {"role", "content"}:
            before = merged[-1]
            if before["role"] == message["role"] != "system":
                merged[-1] = {**before, "content": f"{before['content']}\n\n{message['content']}"}
                continue
        merged.append(message)
    return merged


def without_functions(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return messages for an endpoint that takes no functions: earlier calls and their results as words."""
    return [
        _in_words(message) if "tool_calls" in message or message["role"] == "tool" else message for message in messages
    ]


def _in_words(message: dict[str, Any]) -> dict[str, Any]:
    if message["role"] == "tool":
        return {"role": "user", "content": f"[result]\n{message['content']}"}
    functions = [call.get("function") or {} for call in message["tool_calls"]]
    called = [f"[called {function.get('name')}] {function.get('arguments')}" for function in functions]
    content = message.get("content")
    kept = {key: value for key, value in message.items() if key not in ("tool_calls", *_THOUGHTS)}
    return {**kept, "content": "\n".join([*([content] if content else []), *called])}


_THOUGHTS = ("thinking_blocks", "reasoning_content", "reasoning_details")


def thoughtful(message: dict[str, Any]) -> bool:
    """Tell whether a message holds thoughts that go back."""
    return any(key in message for key in _THOUGHTS)


def thoughtless(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return messages for an endpoint that takes no thoughts back."""
    return [{key: value for key, value in message.items() if key not in _THOUGHTS} for message in messages]


def _wire(message: Message) -> dict[str, Any]:
    content = message.content
    if message.role == "assistant" and not content.strip() and not message.tool_calls:
        content = NO_ANSWER
    spelled: dict[str, Any] = {"role": message.role, "content": content}
    if message.tool_calls:
        spelled["content"] = content if content.strip() else None  # some refuse an empty text beside calls
        spelled["tool_calls"] = list(message.tool_calls)
    if message.tool_call_id is not None:
        spelled["tool_call_id"] = message.tool_call_id
    return spelled
