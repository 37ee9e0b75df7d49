"""From litellm's response objects to `Choice` and `Usage`."""

from __future__ import annotations

from typing import Any

from agent.models.answers.answer_in_thought import answer_in_thought
from agent.models.answers.answer_kind import OWN_WORDS
from agent.models.answers.thinking import split_thinking
from agent.models.answers.thoughts_kept import thoughts_of
from agent.models.answers.token_count import tokens
from agent.models.contract import Choice, TokenLogprob, Usage
from environments.text import sendable, sendable_json


def choice_of(answer: Any, prefill: str = "", *, thinks: bool = True, thinking_back: str = "") -> Choice:
    """Read one choice; ``prefill`` is the opening of the answer that was sent, which some servers send back.

    Reasoning is told apart from the answer, wherever it stands; of a model that does not think (``thinks``) what
    stands as reasoning alone is the answer. ``thinking_back``: as what its thoughts are kept (see `ModelProfile`).
    """
    message = answer.message
    text = sendable((message.content or "").strip("\0\ufeff")).removeprefix(prefill)
    content, thoughts = split_thinking(text)
    reasoning = "\n".join(
        part for part in (sendable(getattr(message, "reasoning_content", None) or ""), thoughts) if part
    )
    finish = _finish_reason(answer)
    calls = tuple(sendable_json(call.model_dump(exclude_none=True)) for call in message.tool_calls or ())
    if not content.strip() and not calls and finish == "stop":
        content, reasoning = answer_in_thought(reasoning, thinks=thinks)
    return Choice(
        content=content,
        reasoning=reasoning,
        finish_reason=finish,
        tool_calls=calls,
        thinking=thoughts_of(message, thinking_back),
        logprobs=_after(_logprobs(getattr(answer, "logprobs", None)), len(text) - len(content)),
    )


def usage_of(response: Any) -> Usage:
    """Read the tokens as the endpoint counted them; zeros where it did not."""
    usage = getattr(response, "usage", None)
    if usage is None:
        return Usage()
    details = getattr(usage, "prompt_tokens_details", None)
    return Usage(
        prompt_tokens=tokens(usage.prompt_tokens),
        cached_prompt_tokens=tokens(getattr(details, "cached_tokens", None)),
        cache_write_tokens=tokens(getattr(details, "cache_creation_tokens", None)),
        completion_tokens=tokens(usage.completion_tokens),
    )


def _finish_reason(answer: Any) -> str:
    """Return why an answer ended; the vendor's own word where litellm has none for it and says ``stop``."""
    reason = str(answer.finish_reason or "unknown")
    fields = getattr(answer, "provider_specific_fields", None) or {}
    own = str(fields.get("native_finish_reason") or "") if isinstance(fields, dict) else ""
    return own.lower() if reason == "stop" and own.lower() in OWN_WORDS else reason


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
