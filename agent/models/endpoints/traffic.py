"""Every try of a call on its way: it waits for its turn, goes to its replica, and what came of it is noted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import quote

from agent.models.contract import ModelError, ModelUnusable, Request
from agent.models.endpoints.rates import Rates
from agent.models.endpoints.replicas import Replica, Replicas
from agent.models.endpoints.settings import EndpointSettings
from agent.models.failures.failure_words import causes, reason_of, status_of
from agent.models.failures.refusals import explain
from agent.models.failures.retrying import ModelCancelled, is_transient, retry_after

T = TypeVar("T")

PUSHED_BACK = (429, 503, 529)
"""Statuses that say: not so many at once."""
GONE = (502, 503, 504)
"""Statuses of a replica that is not there, unless it says when to come again."""

CHARACTERS_PER_TOKEN = 3
"""Fewer than any tokenizer finds in code: what is held for a prompt is more than it takes."""


class Traffic:
    """The way to one model. Safe under many threads; a call that waits is given up when the run is stopped."""

    def __init__(self, name: str, settings: EndpointSettings, cancel: threading.Event | None = None) -> None:
        self._name = name
        self._settings = settings
        self._cancel = cancel or threading.Event()
        self._replicas = Replicas(settings.api_bases, calls=settings.calls)
        self._rates = Rates(settings.rpm, settings.tpm)

    @property
    def where(self) -> str:
        """The addresses, for people; empty where litellm finds them."""
        return " or ".join(self._settings.api_bases)

    def another(self, error: BaseException) -> bool:
        """Tell whether the next try of a call that failed so may go elsewhere at once."""
        return (_is_gone(error) or self._is_misplaced(error)) and self._replicas.another()

    def _is_misplaced(self, error: BaseException) -> bool:
        """Tell whether one of several replicas refuses whatever it is asked: by its key, or it has another model."""
        return (
            len(self._replicas) > 1
            and isinstance(error, Exception)
            and isinstance(explain(error, self._name, transient=False), ModelUnusable)
        )

    def send(
        self,
        call: Callable[[dict[str, Any]], T],
        request: Request,
        deadline: float,
        took: Callable[[T], int],
        queued: list[float],
    ) -> T:
        """Make one try.

        Args:
            call: sends it, given litellm's arguments that say where.
            request: what is asked for.
            deadline: on the monotonic clock; a ModelError is raised when no turn came before it.
            took: the tokens of an answer.
            queued: is given the seconds that it waited for its turn.
        """
        import openai  # late: slow to import; litellm's exceptions derive from its

        replica, entered = self._replicas.pick(request.trajectory), 0.0
        try:
            with self._turn(replica, request, deadline, queued) as (entered, settle):
                answer = call(self._arguments(replica, request))
                settle(took(answer))
        except openai.OpenAIError as error:
            self._note(replica, error, entered)
            raise
        except BaseException:
            self._replicas.undecided(replica)
            raise
        replica.calls.answered()
        self._replicas.worked(replica)
        return answer

    @contextmanager
    def _turn(
        self, replica: Replica, request: Request, deadline: float, queued: list[float]
    ) -> Iterator[tuple[float, Callable[[int], None]]]:
        asked = time.monotonic()

        def over() -> bool:
            return self._cancel.is_set() or time.monotonic() >= deadline

        sent = self._rates.take(_worst(request), over, self._cancel.wait) if self._rates.limited else None
        entered = replica.calls.enter(over) if sent or not self._rates.limited else None
        queued.append(time.monotonic() - asked)
        if entered is None:
            if self._cancel.is_set():
                raise ModelCancelled("the run was stopped while a call waited for its turn")
            raise ModelError(f"{self._name}: no turn at the endpoint in {queued[-1]:.0f} s: others are before it")
        try:
            yield entered, lambda tokens: self._rates.settle(sent, tokens) if sent else None
        finally:
            replica.calls.leave()

    def _arguments(self, replica: Replica, request: Request) -> dict[str, Any]:
        where: dict[str, Any] = {"api_base": replica.address} if replica.address else {}
        header = self._settings.affinity_header
        if header and request.trajectory:
            where["extra_headers"] = {header: quote(request.trajectory)}
        return where

    def _note(self, replica: Replica, error: BaseException, entered: float) -> None:
        asked = retry_after(error)
        if status_of(error) in PUSHED_BACK and is_transient(error):
            replica.calls.pushed_back(entered, asked)
        if _is_gone(error) or self._is_misplaced(error):
            self._replicas.failed(replica, reason_of(error))
        elif status_of(error) in PUSHED_BACK or (status_of(error) or 0) >= 500:
            self._replicas.undecided(replica)
        else:
            self._replicas.worked(replica)  # it refuses a request: it is there


def _is_gone(error: BaseException) -> bool:
    """Tell whether a failure is the replica's: not there, silent, or no longer the connection."""
    import httpx
    import openai

    if not is_transient(error):
        return False
    if any(isinstance(one, httpx.TransportError | openai.APIConnectionError) for one in causes(error)):
        return True
    return status_of(error) in (408, *GONE) and retry_after(error) is None


def _worst(request: Request) -> int:
    prompt = sum(len(message.content) for message in request.messages) // CHARACTERS_PER_TOKEN
    return prompt + request.max_tokens * request.n
