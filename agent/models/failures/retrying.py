"""Which failed calls are tried again, how often, how long it waits, and what is told meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any, TypeVar

import tenacity

from agent.models.contract import ModelError
from agent.models.failures.failure_words import reason_of, status_of
from agent.models.failures.refusals import has_no_key, is_empty_account, is_no_address, is_overflow, unreadable
from agent.models.failures.telling import Telling

T = TypeVar("T")

UNREADABLE_TRIES = 3
"""Tries of a call whose answers cannot be read: what repeats by itself is told soon, not after minutes."""

PROVEN_TRIES = 6
"""The same at an endpoint that answers other calls well."""

FIRST_WAIT = 1.0
"""Seconds before the second try; each further wait is twice as long."""


class ModelCancelled(ModelError):
    """The run was stopped while a call waited for its next try."""


class UnreadableAnswer(Exception):
    """An answer of success that holds nothing that could count as one."""


def is_transient(error: BaseException) -> bool:
    """Tell whether the same request may succeed later: 429, 5xx, timeouts, lost connections."""
    import openai

    if not isinstance(error, openai.OpenAIError):
        return False
    if is_empty_account(error) or is_overflow(error) or has_no_key(error) or unreadable(error):
        return False
    if is_no_address(error):
        return False
    status = status_of(error)
    if isinstance(error, openai.APIConnectionError) or status is None:
        return isinstance(error, openai.APIConnectionError)
    return status in (408, 409, 425, 429) or status >= 500


def retry_after(error: BaseException | None) -> float | None:
    """Return the seconds that the endpoint asks to wait (Retry-After: seconds or an HTTP date), or None."""
    headers: Any = getattr(getattr(error, "response", None), "headers", None) or {}
    value = headers.get("retry-after")
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        return _until(value)
    return max(0.0, seconds) if isfinite(seconds) else None


def _until(date: str) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def call_with_retries(
    call: Callable[[], T],
    *,
    wait_cap: float,
    endpoint: str = "",
    cancel: threading.Event | None = None,
    before_retry: Callable[[], None] | None = None,
    hopeless: Callable[[BaseException], bool] = lambda error: False,
    worn_out: Callable[[BaseException, int, float], bool] = lambda error, tries, seconds: False,
    elsewhere: Callable[[BaseException], bool] = lambda error: False,
    queued: Callable[[], float] = lambda: 0.0,
    unproven: Callable[[], bool] = lambda: True,
    telling: Telling | None = None,
) -> T:
    """Call until it succeeds, fails for good, or the next wait would pass ``wait_cap`` seconds in all.

    What is ``hopeless`` is not tried again as it is, nor what is ``worn_out`` after so many tries and seconds. An
    answer that cannot be read is asked for ``UNREADABLE_TRIES`` times, or ``PROVEN_TRIES`` where the endpoint is not
    ``unproven``: others of its answers were read. What can be asked ``elsewhere`` does not wait.
    The seconds that its tries were ``queued`` are not counted. What fails is told in the log at once, and now and then
    while it goes on (``telling``: with the calls that share the ``endpoint``).
    Raises the last error itself, or ModelCancelled when ``cancel`` is set between two tries.
    """
    cancelled = cancel or threading.Event()
    backoff = tenacity.wait_exponential_jitter(multiplier=FIRST_WAIT, max=30, jitter=FIRST_WAIT)
    met, spoiled, teller = list[str](), list[int](), telling or Telling()

    def attempt() -> T:
        if cancelled.is_set():
            raise ModelCancelled("; ".join(["the run was stopped while a call waited for its next try", *met[-1:]]))
        return call()

    def wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = retry_after(error)
        if error and asked is None and elsewhere(error):
            return 0.0
        return backoff(state) if asked is None else asked

    def again(state: tenacity.RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        if error is None or hopeless(error):
            return False
        if isinstance(error, UnreadableAnswer) or unreadable(error):
            spoiled.append(state.attempt_number)  # tries that failed otherwise say nothing of how answers read
            return len(spoiled) < (UNREADABLE_TRIES if unproven() else PROVEN_TRIES)
        return is_transient(error) and not worn_out(error, state.attempt_number, tried_for(state))

    def tried_for(state: tenacity.RetryCallState) -> float:
        return max(0.0, (state.seconds_since_start or 0.0) - queued())

    def over(state: tenacity.RetryCallState) -> bool:
        return cancelled.is_set() or tried_for(state) + state.upcoming_sleep >= wait_cap

    def announce(state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        reason = reason_of(error) if error else ""
        met.append(reason)
        teller.failed(endpoint, state.attempt_number, state.upcoming_sleep, reason)
        if before_retry:
            before_retry()

    retrying = tenacity.Retrying(
        retry=again,
        wait=wait,
        stop=over,
        sleep=tenacity.sleep_using_event(cancelled),
        before_sleep=announce,
        reraise=True,
    )
    return retrying(attempt)
