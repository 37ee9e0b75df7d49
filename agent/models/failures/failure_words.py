"""What a failed call says: its status, the endpoint's own words, and what failed on the way where it had none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from agent.models.answers.usual_form import UnreadableBody

_LITELLM_PREFIX = re.compile(r"^((litellm\.)?\w+(Error|Exception)( - |: )|litellm\.)+")
_WORDLESS = re.compile(r"(error code: \d+|connection error|(api)?timeout.*|request timed out.*|\W*)\.?", re.IGNORECASE)
"""What clients say of a failure without its cause, or without the endpoint's words."""
_NO_PROVIDER = re.compile(r"LLM Provider NOT provided.*", re.IGNORECASE)
_TAGS = re.compile(r"<(script|style)\b(?:(?!<\1\b).)*?</\1>|<[^<>]*>", re.IGNORECASE | re.DOTALL)
_MOST = 300
_READ = 20_000
"""Characters of a body in which its words are looked for: an endpoint may say any amount."""


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and what led to it, outermost first."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def status_of(error: BaseException) -> int | None:
    """Return the HTTP status of a failure, None where there was no answer."""
    status: Any = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def reason_of(error: BaseException) -> str:
    """Return the endpoint's own words, in one short line; what failed on the way to it where it had none."""
    told = next((one for one in causes(error) if isinstance(one, UnreadableBody)), error)
    text = " ".join(str(told).partition("Traceback (most")[0].split())
    text = _LITELLM_PREFIX.sub("", text).strip(" -")
    text = _NO_PROVIDER.sub("it says no provider: write it as PROVIDER/NAME, such as openai/NAME with api_base", text)
    if _WORDLESS.fullmatch(text):
        text = " ".join((_body(error) or _of_the_way(error) or f"{text} and no reason").split())
    return text[:_MOST].strip(" -") or type(error).__name__


def words_of(error: BaseException) -> str:
    """Return all that a failure says, for those who look for words in it."""
    return f"{error} {_body(error)}"


def _body(error: BaseException) -> str:
    """Return what the body of a refusal says; empty where it is empty or there was none."""
    import httpx

    for one in causes(error):
        response = getattr(one, "response", None)
        if not isinstance(response, httpx.Response) or response.is_success:
            continue
        try:
            text = response.text
        except httpx.StreamError:  # nobody has read it
            continue
        if text.strip():
            return _said(text[:_READ])
    return ""


def _said(text: str) -> str:
    """Return the words of a body: of a page without its tags, of JSON the message where there is one."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return _TAGS.sub(" ", text)
    error = body.get("error", body) if isinstance(body, dict) else body
    told = error.get("message") if isinstance(error, dict) else error
    return told if isinstance(told, str) else json.dumps(error)


def _of_the_way(error: BaseException) -> str:
    """Return what failed below the client: the innermost failure that says something."""
    import httpx

    chain = list(causes(error))
    if any(isinstance(one, httpx.TimeoutException) for one in chain):
        return "no whole answer within the time limit"
    below = [one for one in chain if isinstance(one, httpx.TransportError | httpx.DecodingError | OSError)]
    return next((f"{one}" for one in reversed(below) if str(one)), "")
