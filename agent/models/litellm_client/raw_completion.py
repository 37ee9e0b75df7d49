"""A text that the model goes on with as it stands: no chat template, and special tokens in it count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.models.contract import Choice, Message, RequestRefused, TokenLogprob
from agent.models.litellm_import import litellm
from agent.models.profiles import ModelProfile
from environments.text import sendable

_OWN_ROUTE = "text-completion-openai/"
_SAME_DIALECT = ("openai/", "hosted_vllm/")
"""Prefixes of litellm's whose endpoints take raw texts at ``/completions``, as OpenAI's old interface did."""


def infill_prompt(profile: ModelProfile, before: str, after: str) -> str:
    """Return the raw text that asks what stands between two pieces of a file; RequestRefused where none is known.

    A model's own words for its special tokens are left as they stand in ``before`` and ``after``: they are text of a
    repository, and what they could spoil is one answer.
    """
    if profile.fim is None:
        raise RequestRefused("its profile names no fill-in-the-middle tokens (fim)")
    prefix, suffix, middle = profile.fim
    return f"{prefix}{before}{suffix}{after}{middle}"


def raw_refused(profile: ModelProfile, messages: Sequence[Message]) -> str:
    """Return why a raw text cannot be asked for; empty where it can."""
    if profile.fim is None:
        return "no raw texts: its profile names no fill-in-the-middle tokens (fim)"
    return "" if [message.role for message in messages] == ["user"] else "a raw text is one message of a user"


def complete_raw(arguments: Mapping[str, Any]) -> Any:
    """Ask litellm for raw completions with what a chat would be asked with; raises what litellm raises."""
    sent = {key: value for key, value in arguments.items() if key not in ("messages", "logprobs", "top_logprobs")}
    (message,) = arguments["messages"]
    sent["prompt"] = message["content"]
    sent["max_tokens"] = sent.pop("max_completion_tokens", sent.get("max_tokens"))
    if "top_logprobs" in arguments:
        sent["logprobs"] = arguments["top_logprobs"]
    for prefix in _SAME_DIALECT:
        if sent["model"].startswith(prefix):
            sent["model"] = _OWN_ROUTE + sent["model"].removeprefix(prefix)
    return litellm().text_completion(**sent)


def raw_choice(answer: Any) -> Choice:
    """Read one raw completion: its text is kept to the last blank."""
    return Choice(
        content=sendable(answer.text or ""),
        finish_reason=str(answer.finish_reason or "unknown"),
        logprobs=_logprobs(answer.logprobs),
    )


def _logprobs(raw: Any) -> tuple[TokenLogprob, ...] | None:
    """Read the tokens as llama.cpp spells them (as a chat's), or as OpenAI's old interface does (parallel lists)."""
    if raw is None:
        return None
    if (content := getattr(raw, "content", None)) is not None:
        tops = [[(top["token"], top["logprob"]) for top in token.get("top_logprobs") or ()] for token in content]
        rows = [(token["token"], token["logprob"], top) for token, top in zip(content, tops, strict=True)]
    elif raw.tokens and raw.token_logprobs:
        tops = [list((top or {}).items()) for top in raw.top_logprobs or [{} for _ in raw.tokens]]
        rows = list(zip(raw.tokens, raw.token_logprobs, tops, strict=False))
    else:
        return None
    return tuple(
        TokenLogprob(token=sendable(token), logprob=logprob, top=tuple((sendable(text), value) for text, value in top))
        for token, logprob, top in rows
    )
