"""Chat completions in the usual form, whatever form they came in.

Endpoints answer with lists of parts, a null message, null choices, counts in quotation marks, or an error inside an
answer of success, spelled in each vendor's way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from agent.models.answers.error_inside import failure_in

Json = dict[str, Any]


class UnreadableBody(Exception):
    """An answer of success that is no chat completion; says how it begins."""


class MovedAway(UnreadableBody):
    """The endpoint is at another address, which it names."""


def json_object(content: bytes) -> Json | None:
    """Return the JSON object that a body holds; None where it holds none."""
    try:
        body = json.loads(content)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def usual_form(body: Json) -> tuple[int, Json]:
    """Return the status and the body that the endpoint should have sent.

    Raises UnreadableBody where it holds neither choices nor an error.
    """
    if (failure := failure_in(body)) is not None:
        status, told = failure
        return status, {"error": told}
    choices = body.get("choices")
    if "choices" not in body and "object" not in body:
        raise UnreadableBody(f"it answers with {json.dumps(body)[:160]!r}")
    listed = choices if isinstance(choices, list) else [choices]
    usual = {**body, "choices": [_choice(one) for one in listed if isinstance(one, dict)]}
    usage = _usage(body.get("usage"))
    return 200, {key: value for key, value in usual.items() if key != "usage"} | ({"usage": usage} if usage else {})


def _choice(choice: Json) -> Json:
    message = choice.get("message")
    message = message if isinstance(message, dict) else {"role": "assistant", "content": choice.get("text")}
    usual = {key: value for key, value in message.items() if key not in ("tool_calls", "reasoning_content")}
    content = message.get("content")
    number = isinstance(content, int | float) and not isinstance(content, bool)
    parts = content if isinstance(content, list) else [str(content) if number else content]
    thoughts = _texts([message.get("reasoning_content"), *(part for part in parts if _is_thought(part))])
    usual["content"] = "".join(_texts(part for part in parts if not _is_thought(part)))
    if thoughts:
        usual["reasoning_content"] = "\n".join(thoughts)
    calls = message.get("tool_calls")
    if isinstance(calls, list) and (kept := [call for call in calls if isinstance(call, dict)]):
        usual["tool_calls"] = kept
    if message.get("refusal") and not usual["content"]:
        return {**choice, "message": usual, "finish_reason": "content_filter"}
    return {**choice, "message": usual}


def _is_thought(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") in ("thinking", "reasoning", "redacted_thinking")


def _texts(parts: Iterable[Any]) -> list[str]:
    """Return the texts of content parts, which may hold parts themselves."""
    texts: list[str] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict):
            texts += _texts(part.get(key) for key in ("text", "thinking", "reasoning", "value") if part.get(key))
        elif isinstance(part, list):
            texts += _texts(part)
    return texts


def _usage(usage: Any) -> Json | None:
    """Return the counts that can be believed; None where there are none, and they are Runoff's to count."""
    if not isinstance(usage, dict):
        return None
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    if not prompt:
        return None
    details = usage.get("prompt_tokens_details")
    cached = min(_count(details.get("cached_tokens")), prompt) if isinstance(details, dict) else 0
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
    }


def _count(value: Any) -> int:
    """Return a number of tokens, which some endpoints write in quotation marks or as a fraction; 0 for what is none."""
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        return 0
    return int(value)
