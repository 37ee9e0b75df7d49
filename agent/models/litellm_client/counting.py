"""The tokens of a call as the endpoint counted them, or as Runoff does where that cannot be believed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.models.contract import Choice, Message, Usage

_TOKENS_PER_BYTE = 4
"""More than any tokenizer makes of a text."""
_BESIDE = 100_000
"""Tokens of what a vendor may add to a prompt, and to the room of an answer."""
_BYTES_PER_TOKEN = 100
"""More than a token of a prompt holds: even of blanks there are no longer ones."""
_SHORT = 10_000
"""Bytes of a prompt up to which any number of tokens is believed."""

Count = Callable[[Sequence[Message]], int]


def counted(
    usage: Usage, messages: Sequence[Message], choices: Sequence[Choice], *, beside: int, room: int, count: Count
) -> Usage:
    """Return the usage with what cannot be believed counted anew: an upper estimate, for limits must hold.

    Args:
        usage: as the endpoint says; zeros where it says nothing.
        messages: what was sent.
        choices: what came.
        beside: bytes that were sent beside the messages, such as functions.
        room: tokens that the answers might have in all.
        count: counts a prompt's tokens.
    """
    anew: dict[str, int] = {}
    size = beside + sum(
        len(one.content.encode()) + len(str(one.tool_calls)) + len(str(one.thinking)) for one in messages
    )
    said = usage.prompt_tokens
    if not said or said > _TOKENS_PER_BYTE * size + _BESIDE or (size > _SHORT and said * _BYTES_PER_TOKEN < size):
        anew["prompt_tokens"] = count(messages)
        anew["cached_prompt_tokens"] = min(usage.cached_prompt_tokens, anew["prompt_tokens"]) if said else 0
        anew["cache_write_tokens"] = min(usage.cache_write_tokens, anew["prompt_tokens"]) if said else 0
    texts = [text for one in choices for text in (one.reasoning, one.content, *_calls(one)) if text]
    if (not usage.completion_tokens and texts) or usage.completion_tokens > 4 * room + _BESIDE:
        written = [Message(role="assistant", content=text) for text in texts]
        anew["completion_tokens"] = sum(count([message]) for message in written)
    return usage.model_copy(update=anew)


def _calls(choice: Choice) -> list[str]:
    return [str((call.get("function") or {}).get("arguments", "")) for call in choice.tool_calls]
