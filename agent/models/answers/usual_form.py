"""Chat completions in the usual form, whatever form they came in.

Endpoints answer with lists of parts, a null message, null choices, counts in quotation marks, or an error inside an
answer of success, spelled in each vendor's way.
"""

from __future__ import annotations

import json
from typing import Any

from agent.models.answers.error_inside import failure_in
from agent.models.answers.token_count import tokens
from agent.models.answers.usual_choice import Json, usual_choice


class UnreadableBody(Exception):
    """An answer of success that is no chat completion; says how it begins."""


class MovedAway(UnreadableBody):
    """The endpoint is at another address, which it names."""


def json_object(content: bytes) -> Json | None:
    """Return the JSON object that a body holds; None where it holds none."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
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
    usual = {**body, "choices": [usual_choice(one) for one in listed if isinstance(one, dict)]}
    usage = _usage(body.get("usage"))
    return 200, {key: value for key, value in usual.items() if key != "usage"} | ({"usage": usage} if usage else {})


def _usage(usage: Any) -> Json | None:
    """Return the counts that can be believed; None where there are none, and they are Runoff's to count."""
    if not isinstance(usage, dict):
        return None
    prompt, completion = tokens(usage.get("prompt_tokens")), tokens(usage.get("completion_tokens"))
    if not prompt:
        return None
    details = usage.get("prompt_tokens_details")
    cached = min(tokens(details.get("cached_tokens")), prompt) if isinstance(details, dict) else 0
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
