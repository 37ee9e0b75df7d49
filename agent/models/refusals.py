"""What a failed call means: whom the refusal concerns, in one line that says what to do.

Vendors say the same in many words. What is refused of one request is that request's own affair; only what holds for
every request (the key, the model's name, the account) may end a run. In doubt it is the request's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from agent.models.contract import ContextOverflow, ModelError, ModelUnusable, RequestRefused, UnusableAnswer
from agent.models.readable import UnreadableBody

_LITELLM_PREFIX = re.compile(r"^((litellm\.)?\w+(Error|Exception)( - |: )|litellm\.)+")

_OVERFLOW = re.compile(
    r"context[ _-]?(size|length|window)|context_length_exceeded|too many (input )?tokens|too long\b"
    r"|maximum (prompt|context|input|sequence) length|max_new_tokens`? must be|tokens_limit_reached"
    r"|input length|input[ _]tokens? (count|exceed)|tokens? (count )?exceeds? (the|your|this)"
    r"|exceeds? the maximum number"
    r"|reduce (the length of|your (message|prompt|input))"
    r"|(request|body|payload|prompt|input)( body| entity)? too large",
    re.IGNORECASE,
)
_NO_KEY = re.compile(
    r"missing credentials|missing (\w+ )?api key|api_key client option must be set"
    r"|default credentials were not found|unable to locate credentials",
    re.IGNORECASE,
)
"""What clients say that have no key to send; litellm reports it as a failure of the server's or of the way to it."""
_BAD_KEY = re.compile(
    r"(invalid|incorrect|expired|revoked|wrong|unauthorized) ((x-)?api[- _]?|access |auth\w* )?(key|token)\b"
    r"|api[- _]?key\b.{0,20}(not valid|invalid|expired|revoked|incorrect)|invalid_api_key|authentication_error",
    re.IGNORECASE,
)
_EMPTY_ACCOUNT = re.compile(
    r"insufficient[ _](quota|balance|credits?|funds)|exceeded your (current|monthly) (quota|spend)|credit balance"
    r"|billing|payment required|account is not active|specified api usage limits|out of credits",
    re.IGNORECASE,
)
_UNKNOWN_MODEL = re.compile(
    r"\b(model|deployment)\b.{0,80}\b((does|do) not exist|not (be )?found|is not a valid)|provider not provided"
    r"|(invalid|unknown|no such) (model|deployment)\b|model_not_found|not a valid model|access to (the )?model",
    re.IGNORECASE,
)
_OF_THE_CONTENT = re.compile(
    r"moderation|flagged|content[ _](policy|filter|management)|safety|usage polic|blocked|<!?\w*html|cloudflare",
    re.IGNORECASE,
)
"""A 403 that says this is about one prompt (a filter, a firewall), not about the key."""


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


def explain(error: Exception, model: str, *, transient: bool) -> ModelError:
    """Return the typed error, in one line, for a failure that is not retried or no longer.

    Args:
        error: what litellm or a client below it raised.
        model: the model's name, for the line.
        transient: it was tried again as often as it may be.
    """
    import openai  # late: slow to import; litellm's exceptions derive from its

    reason, status = reason_of(error), status_of(error)
    if _NO_KEY.search(reason):
        return ModelUnusable(f"{model}: there is no API key; set the provider's key variable: {reason}")
    if is_overflow(error):
        return ContextOverflow(f"{model}: the prompt does not fit the context window: {reason}")
    if is_empty_account(error):
        return ModelUnusable(f"{model}: the account has nothing left to spend; top it up or raise its limit: {reason}")
    refused = isinstance(error, openai.OpenAIError) and status is not None and 400 <= status < 500
    if refused and (status in (401, 403) or _BAD_KEY.search(reason)) and not _of_one_prompt(status, reason):
        return ModelUnusable(f"{model}: the endpoint refuses the API key; set the provider's key variable: {reason}")
    if refused and (status == 404 or _UNKNOWN_MODEL.search(reason)):
        return ModelUnusable(f"{model}: the endpoint does not know this model; check its name and api_base: {reason}")
    if not isinstance(error, openai.OpenAIError) or unreadable(error):
        return UnusableAnswer(f"{model}: the endpoint's answers cannot be read; check api_base: {reason}")
    if transient:
        return ModelError(f"{model}: no answer after repeated tries: {reason}")
    return RequestRefused(f"{model}: the endpoint refuses the request: {reason}")


def unreadable(error: BaseException) -> bool:
    """Tell whether a call failed though the endpoint answered it with success, or before it was sent.

    litellm reports both as failures of the server's: what was no HTTP failure and none of the connection below it
    is one of reading or writing, and comes back at every try.
    """
    import httpx
    import openai

    if any(isinstance(one, UnreadableBody) for one in causes(error)):
        return True
    status = status_of(error)
    if status not in (200, 500) or not isinstance(error, openai.OpenAIError) or _NO_KEY.search(str(error)):
        return False
    if status == 200:
        return True
    return not any(
        isinstance(one, httpx.HTTPError | openai.APIStatusError | openai.APIConnectionError | OSError)
        and not type(one).__module__.startswith("litellm")
        for one in causes(error)
    )


def has_no_key(error: BaseException) -> bool:
    """Tell whether the client had no key to send."""
    return bool(_NO_KEY.search(str(error)))


def is_overflow(error: BaseException) -> bool:
    """Tell whether the prompt is too long; whatever the status, such a request is refused again."""
    status = status_of(error)
    if type(error).__name__ == "ContextWindowExceededError" or status == 413:
        return True
    if status == 429:
        return "request too large" in str(error).lower()  # larger than what a minute allows: waiting does not help
    return status is not None and status >= 400 and bool(_OVERFLOW.search(str(error)))


def is_empty_account(error: BaseException) -> bool:
    """Tell whether the account has nothing left to spend."""
    status = status_of(error)
    return status == 402 or (status in (400, 403, 429) and bool(_EMPTY_ACCOUNT.search(str(error))))


def reason_of(error: BaseException) -> str:
    """Return the endpoint's own words, in one line of bounded length."""
    told = next((one for one in causes(error) if isinstance(one, UnreadableBody)), error)
    text = " ".join(str(told).partition("Traceback (most")[0].split())
    return _LITELLM_PREFIX.sub("", text)[:300].strip(" -") or type(error).__name__


def _of_one_prompt(status: int | None, reason: str) -> bool:
    return status == 403 and bool(_OF_THE_CONTENT.search(reason))
