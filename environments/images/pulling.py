"""Pulls published images: a few at a time, again where that helps. A failure is the infrastructure's, never a score."""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from environments.images.building import find_built
from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker import Engine
from environments.sandboxes.docker.engine import explanation

_HOPELESS = re.compile(
    r"not found|manifest unknown|does not exist|denied|unauthorized|no matching manifest|no space left"
    r"|invalid reference|no such host|name unknown|x509|server gave HTTP response to HTTPS client",
    re.IGNORECASE,
)
"""What no second attempt changes."""
_THROTTLED = re.compile(r"toomanyrequests|too many requests|\b429\b", re.IGNORECASE)
_RETRY_AFTER = re.compile(r"retry[- ]after:? *([0-9]+(?:\.[0-9]+)?) *(µs|us|ms|s|m)?\b", re.IGNORECASE)
_UNITS = {"µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}

logger = logging.getLogger(__name__)


class PullError(SandboxError):
    """An image cannot be had from its registry. One clear line; it says nothing about any patch."""

    fault = "pull"

    def __init__(self, reference: str, reason: str, attempts: int) -> None:
        """``attempts``: how many were made."""
        super().__init__(f"{reference} cannot be pulled ({reason}; {attempts} attempts)")
        self.reference = reference
        self.reason = reason
        self.attempts = attempts


@dataclass(frozen=True)
class Retries:
    """How often a pull is tried, and how long it waits in between, in seconds."""

    attempts: int = 6
    first_wait: float = 2.0
    longest_wait: float = 300.0
    """Longer than any registry's own word is believed, too."""
    seconds: float = 3600.0
    """How long all attempts may take together, from the first on."""


@dataclass(frozen=True)
class Pulled:
    """A published image that the engine has."""

    reference: str
    image_id: str
    size: int
    """Bytes of all its files."""
    attempts: int
    """0: it was there."""
    seconds: float


class _TryAgainError(Exception):
    def __init__(self, reason: str, wait: float | None) -> None:
        super().__init__(reason)
        self.wait = wait


def pull(engine: Engine, reference: str, retries: Retries | None = None) -> Pulled:
    """Return an image, pulled unless the engine has it.

    Tried again is what may pass: a throttled registry (for as long as it says, where the engine tells), one that is in
    trouble, a connection that broke.

    Raises:
        PullError: it cannot be had.
        SandboxError: the engine failed.
    """
    from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, stop_before_delay

    retries = retries or Retries()
    if found := find_built(engine, reference):
        return Pulled(reference, found.image_id, found.size, 0, 0.0)
    begun = time.monotonic()

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, _TryAgainError) else None
        usual = retries.first_wait * 2.0 ** (state.attempt_number - 1) * random.uniform(1.0, 1.5)
        seconds = min(max(asked or 0.0, usual), retries.longest_wait)
        logger.warning("%s: %s; again in %.1f s", reference, error, seconds)
        return seconds

    tries = Retrying(
        retry=retry_if_exception_type(_TryAgainError),
        stop=stop_after_attempt(retries.attempts) | stop_before_delay(retries.seconds),
        wait=wait,
        reraise=True,
    )
    attempts = 0
    try:
        for attempt in tries:
            attempts += 1
            with attempt:
                _pull_once(engine, reference, attempts, begun + retries.seconds)
    except _TryAgainError as error:
        raise PullError(reference, str(error), attempts) from error
    made = find_built(engine, reference)
    if made is None:
        raise PullError(reference, "the engine does not have it after all", attempts)
    return Pulled(reference, made.image_id, made.size, attempts, time.monotonic() - begun)


def pull_all(
    engine: Engine,
    references: Sequence[str],
    *,
    workers: int = 2,
    retries: Retries | None = None,
    progress: Callable[[str, Pulled | PullError], None] = lambda reference, outcome: None,
) -> dict[str, Pulled | PullError]:
    """Pull many images, ``workers`` at a time; return reference -> what came of it. One failure stops no other.

    ``progress`` is told of each as it is done, from this thread. Raises SandboxError when the engine itself fails.
    """
    outcomes: dict[str, Pulled | PullError] = {}

    def one(reference: str) -> Pulled | PullError:
        try:
            return pull(engine, reference, retries)
        except PullError as error:
            return error

    pool = ThreadPoolExecutor(workers, thread_name_prefix="pull")
    try:
        waiting = {pool.submit(one, reference): reference for reference in dict.fromkeys(references)}
        for done in as_completed(waiting):
            outcomes[waiting[done]] = done.result()
            progress(waiting[done], outcomes[waiting[done]])
    finally:
        pool.shutdown(cancel_futures=True)
    return outcomes


def _pull_once(engine: Engine, reference: str, attempt: int, deadline: float) -> None:
    from docker.errors import APIError
    from requests.exceptions import RequestException

    name, _, tag = reference.rpartition(":")
    if not name or "/" in tag:  # the colon of a port, or none
        name, tag = reference, "latest"
    try:
        for answer in engine.api.pull(name, tag=tag, stream=True, decode=True):
            if "error" in answer:
                raise _told(reference, " ".join(str(answer["error"]).split()), attempt)
            if time.monotonic() > deadline:
                raise PullError(reference, "it takes longer than deadlines.pull allows", attempt)
    except (APIError, RequestException) as error:
        raise _told(reference, explanation(error), attempt) from error


def _told(reference: str, reason: str, attempt: int) -> Exception:
    """Return what a registry's answer means: worth another attempt, or not."""
    throttled = bool(_THROTTLED.search(reason))
    if _HOPELESS.search(reason) and not throttled:
        return PullError(reference, reason, attempt)
    asked = _RETRY_AFTER.search(reason)
    return _TryAgainError(reason, float(asked[1]) * _UNITS[(asked[2] or "s").lower()] if asked else None)
