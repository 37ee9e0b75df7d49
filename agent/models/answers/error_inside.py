"""Errors inside an answer of success: their status and their words, in each vendor's spelling."""

from __future__ import annotations

import re
from typing import Any

_CODES = ("code", "status", "status_code", "error_code")
_WORDS = ("message", "error_msg", "status_msg", "msg", "detail")

_WAIT = re.compile(r"rate.?limit|too many requests|throttl", re.IGNORECASE)
_REFUSED = re.compile(
    r"invalid|content.?(filter|policy)|moderation|safety|flagged|insufficient|unauthorized|not support|too long"
    r"|not found|does not exist",
    re.IGNORECASE,
)


def failure_in(body: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
    """Return the status and the error that an answer holds instead of choices; None where it holds none."""
    choices = body.get("choices")
    if choices and not _all_failed(choices):
        return None
    if choices:
        return _told(choices[0]["error"], otherwise=502)
    if body.get("error"):
        return _told(body["error"], otherwise=502)
    feedback = body.get("promptFeedback") or body.get("prompt_feedback")
    if isinstance(feedback, dict) and feedback:
        reason = feedback.get("blockReason") or feedback.get("block_reason") or "no reason given"
        return 400, {"message": f"the prompt was blocked by a content filter: {reason}", "code": "content_filter"}
    inner = body.get("base_resp")
    told = inner if isinstance(inner, dict) else body
    if any(told.get(key) for key in _CODES) and any(told.get(key) for key in _WORDS):
        return _told(told, otherwise=400)
    return None


def _all_failed(choices: Any) -> bool:
    return isinstance(choices, list) and all(
        isinstance(one, dict) and one.get("error") and not _says_something(one.get("message")) for one in choices
    )


def _says_something(message: Any) -> bool:
    return bool(message.get("content") if isinstance(message, dict) else message)


def _told(error: Any, *, otherwise: int) -> tuple[int, dict[str, Any]]:
    """Return an error's status and the error itself; ``otherwise``: the status of one that says nothing of its kind."""
    told = dict(error) if isinstance(error, dict) else {"message": str(error)}
    words = next((str(told[key]) for key in _WORDS if told.get(key)), str(error))
    told["message"] = words
    codes = [str(told[key]) for key in _CODES if told.get(key) is not None]
    numbers = [int(code) for code in codes if re.fullmatch(r"[45]\d\d", code)]
    if numbers:
        return numbers[0], told
    said = " ".join([*codes, str(told.get("type", "")), words])
    return (429 if _WAIT.search(said) else 400 if _REFUSED.search(said) else otherwise), told
