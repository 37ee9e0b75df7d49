"""From litellm's response objects to `Choice` and `Usage`."""

from __future__ import annotations

from typing import Any

from agent.models.answers.thinking import split_thinking
from agent.models.contract import Choice, TokenLogprob, Usage
from environments.text import sendable, sendable_json


def choice_of(answer: Any, prefill: str = "") -> Choice:
    """Read one choice; ``prefill`` is the opening of the answer that was sent, which some servers send back.

    Reasoning is told apart from the answer, wherever it stands.
    """
    message = answer.message
    text = sendable((message.content or "").strip("\0\ufeff")).removeprefix(prefill)
    content, thoughts = split_thinking(text)
    beside = getattr(message, "reasoning_content", None) or ""
    return Choice(
        content=content,
        reasoning="\n".join(part for part in (sendable(beside), thoughts) if part),
        finish_reason=answer.finish_reason or "unknown",
        tool_calls=tuple(sendable_json(call.model_dump()) for call in message.tool_calls or ()),
        logprobs=_after(_logprobs(getattr(answer, "logprobs", None)), len(text) - len(content)),
    )


def usage_of(response: Any) -> Usage:
    """Read the tokens as the endpoint counted them; zeros where it did not."""
    usage = getattr(response, "usage", None)
    if usage is None:
        return Usage()
    details = getattr(usage, "prompt_tokens_details", None)
    return Usage(
        prompt_tokens=max(0, usage.prompt_tokens or 0),
        cached_prompt_tokens=max(0, getattr(details, "cached_tokens", None) or 0),
        cache_write_tokens=max(0, getattr(details, "cache_creation_tokens", None) or 0),
        completion_tokens=max(0, usage.completion_tokens or 0),
    )


def _logprobs(raw: Any) -> tuple[TokenLogprob, ...] | None:
    tokens = getattr(raw, "content", None)
    if tokens is None:
        return None
    return tuple(
        TokenLogprob(
            token=token.token,
            logprob=token.logprob,
            top=tuple((other.token, other.logprob) for other in token.top_logprobs or ()),
        )
        for token in tokens
    )


def _after(tokens: tuple[TokenLogprob, ...] | None, characters: int) -> tuple[TokenLogprob, ...] | None:
    """Return the tokens that come after so many characters: those of the answer, without its reasoning's."""
    if tokens is None or characters <= 0:
        return tokens
    read = 0
    for number, token in enumerate(tokens):
        if read >= characters:
            return tokens[number:]
        read += len(token.token)
    return ()
