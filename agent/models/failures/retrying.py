"""Which failed calls are tried again, how often, how long it waits, and what is told meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
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


@dataclass
class Retries:
    """The tries of one call: which failures are tried again, and how long that goes on."""

    wait_cap: float
    """Seconds that all of it may take, but for those that tries were ``queued``."""
    endpoint: str = ""
    """Who is asked, for the log."""
    cancel: threading.Event = field(default_factory=threading.Event)
    """Ends the waiting between two tries."""
    before_retry: Callable[[], None] = lambda: None
    hopeless: Callable[[BaseException], bool] = lambda error: False
    """Tells of a failure that comes back at each try of the same."""
    worn_out: Callable[[BaseException, int, float], bool] = lambda error, tries, seconds: False
    """Tells whether a failure that may pass has lasted too long, for so many tries and seconds."""
    elsewhere: Callable[[BaseException], bool] = lambda error: False
    """Tells whether it can be asked elsewhere at once."""
    queued: Callable[[], float] = lambda: 0.0
    unproven: Callable[[], bool] = lambda: True
    """No other answer of the endpoint was read so far: one that cannot be read is asked for less often."""
    telling: Telling = field(default_factory=Telling)
    """With the calls that share the endpoint."""
    _met: list[str] = field(default_factory=list)
    _spoiled: int = 0
    """Answers that could not be read; tries that failed otherwise say nothing of how answers read."""

    def run(self, call: Callable[[], T]) -> T:
        """Call until it succeeds, fails for good, or the next wait would pass ``wait_cap``.

        Raises the last error itself, or ModelCancelled when ``cancel`` is set between two tries.
        """

        def attempt() -> T:
            if self.cancel.is_set():
                raise ModelCancelled(
                    "; ".join(["the run was stopped while a call waited for its next try", *self._met[-1:]])
                )
            return call()

        retrying = tenacity.Retrying(
            retry=self._again,
            wait=self._wait,
            stop=self._over,
            sleep=tenacity.sleep_using_event(self.cancel),
            before_sleep=self._announce,
            reraise=True,
        )
        return retrying(attempt)

    def _again(self, state: tenacity.RetryCallState) -> bool:
        error = _error_of(state)
        if error is None or self.hopeless(error):
            return False
        if isinstance(error, UnreadableAnswer) or unreadable(error):
            self._spoiled += 1
            return self._spoiled < (UNREADABLE_TRIES if self.unproven() else PROVEN_TRIES)
        if not is_transient(error):
            return self.elsewhere(error)
        return not self.worn_out(error, state.attempt_number, self._tried_for(state))

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = _error_of(state)
        asked = retry_after(error)
        if asked is not None:
            return asked
        if error and self.elsewhere(error):
            return 0.0
        return tenacity.wait_exponential_jitter(multiplier=FIRST_WAIT, max=30, jitter=FIRST_WAIT)(state)

    def _tried_for(self, state: tenacity.RetryCallState) -> float:
        return max(0.0, (state.seconds_since_start or 0.0) - self.queued())

    def _over(self, state: tenacity.RetryCallState) -> bool:
        return self.cancel.is_set() or self._tried_for(state) + state.upcoming_sleep >= self.wait_cap

    def _announce(self, state: tenacity.RetryCallState) -> None:
        error = _error_of(state)
        reason = reason_of(error) if error else ""
        self._met.append(reason)
        self.telling.failed(self.endpoint, state.attempt_number, state.upcoming_sleep, reason)
        self.before_retry()


def _error_of(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
