"""Which failures of a model call are worth another try, how long to wait, and what to tell the user."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import tenacity

from agent.models.contract import BadModelRequest, ContextOverflow, ModelError

log = logging.getLogger(__name__)

T = TypeVar("T")

_LITELLM_PREFIX = re.compile(r"^(litellm\.)?(\w+(Error|Exception)( - |: )|litellm\.)*")
_RETRIED_STATUS = {408, 409, 425, 429}
_OVERFLOW_SIGNS = ("context size", "context length", "context window", "maximum context", "too many tokens")
_NO_KEY = re.compile(r"missing credentials|missing (\w+ )?api key|api_key client option must be set", re.IGNORECASE)
"""What clients say that have no key to send; litellm reports it as a failure of the server's or of the way to it."""
_QUOTA_SIGNS = ("insufficient_quota", "exceeded your current quota", "credit balance is too low")


class ModelCancelled(ModelError):
    """The run was stopped while a call waited for its next try."""


def is_transient(error: BaseException) -> bool:
    """Tell whether the same request may succeed later: 429, 5xx, timeouts, lost connections."""
    import openai  # late: slow to import; litellm's exceptions derive from its

    if not isinstance(error, openai.OpenAIError):
        return False
    if _says(error, _QUOTA_SIGNS) or _is_overflow(error) or _has_no_key(error):
        return False
    status = getattr(error, "status_code", None)
    if isinstance(error, openai.APIConnectionError) or status is None:
        return isinstance(error, openai.APIConnectionError)
    return status in _RETRIED_STATUS or status >= 500


def explain(error: Exception, model: str) -> ModelError:
    """Return the typed error, in one line, for a failure that is not retried or no longer."""
    import openai

    reason = _LITELLM_PREFIX.sub("", " ".join(str(error).partition("Traceback (most")[0].split()))[:300]
    if _is_overflow(error):
        return ContextOverflow(f"{model}: the prompt does not fit the context window: {reason}")
    if _has_no_key(error):
        return BadModelRequest(f"{model}: there is no API key; set the provider's key variable: {reason}")
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return BadModelRequest(f"{model}: the endpoint refuses the API key; set the provider's key variable: {reason}")
    if isinstance(error, openai.NotFoundError):
        return BadModelRequest(f"{model}: the endpoint does not know this model: {reason}")
    if is_transient(error):
        return ModelError(f"{model}: no answer after repeated tries: {reason}")
    return BadModelRequest(f"{model}: the endpoint refuses the request: {reason}")


def retry_after(error: BaseException | None) -> float | None:
    """Return the seconds that the endpoint asks to wait (Retry-After: seconds or an HTTP date), or None."""
    headers: Any = getattr(getattr(error, "response", None), "headers", None) or {}
    value = headers.get("retry-after")
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def call_with_retries(
    call: Callable[[], T],
    *,
    wait_cap: float,
    cancel: threading.Event | None = None,
    before_retry: Callable[[], None] | None = None,
) -> T:
    """Call until it succeeds, fails for good, or the next wait would pass ``wait_cap`` seconds in all.

    Raises the last error itself, or ModelCancelled when ``cancel`` is set between two tries.
    """
    cancelled = cancel or threading.Event()
    backoff = tenacity.wait_exponential_jitter(initial=1, max=30, jitter=1)

    def attempt() -> T:
        if cancelled.is_set():
            raise ModelCancelled("the run was stopped")
        return call()

    def wait(state: tenacity.RetryCallState) -> float:
        asked = retry_after(state.outcome.exception() if state.outcome else None)
        return backoff(state) if asked is None else asked

    def announce(state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        log.warning("try %d failed, next in %.1f s: %s", state.attempt_number, state.upcoming_sleep, error)
        if before_retry:
            before_retry()

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(is_transient),
        wait=wait,
        stop=tenacity.stop_before_delay(wait_cap) | tenacity.stop_when_event_set(cancelled),
        sleep=tenacity.sleep_using_event(cancelled),
        before_sleep=announce,
        reraise=True,
    )
    return retrying(attempt)


def _is_overflow(error: BaseException) -> bool:
    return type(error).__name__ == "ContextWindowExceededError" or (
        getattr(error, "status_code", None) == 400 and _says(error, _OVERFLOW_SIGNS)
    )


def _has_no_key(error: BaseException) -> bool:
    return bool(_NO_KEY.search(str(error)))


def _says(error: BaseException, signs: tuple[str, ...]) -> bool:
    text = str(error).lower()
    return any(sign in text for sign in signs)
