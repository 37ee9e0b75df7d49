"""A vendor's blocks of thought as they came, and as they go back to it while it calls functions."""

from __future__ import annotations

from typing import Any

from agent.models.contract import Message
from environments.text import sendable_json

_BLOCKS = ("thinking", "redacted_thinking")


def thoughts_of(message: Any, thinking_back: str) -> tuple[dict[str, Any], ...]:
    """Return what of an answer must go back; empty where its vendor wants nothing back.

    Args:
        message: litellm's.
        thinking_back: see `ModelProfile`.
    """
    fields = getattr(message, "provider_specific_fields", None) or {}
    if thinking_back == "blocks":
        blocks = [dict(block) for block in getattr(message, "thinking_blocks", None) or ()]
        if signatures := fields.get("thought_signatures"):
            blocks.append({"type": "thought_signatures", "signatures": signatures})
        return tuple(sendable_json(block) for block in blocks)
    if thinking_back == "reasoning_content" and (text := getattr(message, "reasoning_content", None)):
        return (sendable_json({"type": "reasoning_content", "text": text}),)
    if thinking_back == "reasoning_details":
        details = getattr(message, "reasoning_details", None) or fields.get("reasoning_details")
        return (sendable_json({"type": "reasoning_details", "details": details}),) if details else ()
    return ()


def thoughts_back(message: Message, thinking_back: str) -> dict[str, Any]:
    """Return the keys under which a message's thoughts go back to their vendor."""
    if message.role != "assistant" or not message.thinking or not thinking_back:
        return {}
    found: dict[str, Any] = {}
    blocks = [block for block in message.thinking if block.get("type") in _BLOCKS]
    if thinking_back == "blocks" and blocks:
        found["thinking_blocks"] = blocks
    for block in message.thinking:
        kind = block.get("type")
        if kind == "thought_signatures" and thinking_back == "blocks":
            found["provider_specific_fields"] = {"thought_signatures": block["signatures"]}
        elif kind == thinking_back == "reasoning_details":
            found["reasoning_details"] = block["details"]
        elif kind == thinking_back == "reasoning_content" and message.tool_calls:
            found["reasoning_content"] = block["text"]
    return found
