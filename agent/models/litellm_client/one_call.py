"""One call of a model: tried until it is answered, and asked otherwise where its endpoint names what it refuses."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agent.models.contract import Choice, ModelError, Request, Usage
from agent.models.endpoints.traffic import Traffic
from agent.models.failures.failure_words import reason_of
from agent.models.failures.patience import Endpoint, Patience
from agent.models.failures.refusals import is_overflow
from agent.models.failures.retrying import Retries, UnreadableAnswer
from agent.models.failures.telling import Telling
from agent.models.litellm_client.given_up import given_up, with_paid
from agent.models.litellm_client.litellm_answers import usage_of
from agent.models.litellm_client.parameters import Refused
from agent.models.litellm_client.raw_completion import complete_raw
from agent.models.litellm_client.refusable import Arguments, room_of
from agent.models.litellm_client.window import room_left
from agent.models.litellm_import import litellm
from agent.models.prices import Price

CALL_HEADER = "X-Client-Request-Id"
"""Names a try to an endpoint whose address was given, as OpenAI's own API takes it: both accounts can be compared."""
MOST_REFUSALS = 20
"""Refusals of one call that are answered by asking otherwise: an endpoint may go on for ever."""
_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)
"""What reading raises of an answer whose parts have other types than they should."""

Read = Callable[[Any], tuple[Choice, ...]]


@dataclass
class Way:
    """How one model is reached, and what it has shown so far; shared by its calls. Safe under many threads."""

    name: str
    traffic: Traffic
    timeout: float
    """Seconds of one try."""
    retry_seconds: float
    """Seconds of all tries."""
    refused: Refused
    price: Callable[[], Price | None]
    revived: Callable[[], None] | None = None
    """Brings the endpoint back between two tries."""
    cancel: threading.Event = field(default_factory=threading.Event)
    telling: Telling = field(default_factory=Telling)

    def __post_init__(self) -> None:
        self.shown = Endpoint(revived=self.revived is not None, patience=self.retry_seconds)

    def left(self, deadline: float) -> float:
        """Return the seconds that one try may take."""
        return max(0.1, min(self.timeout, deadline - time.monotonic()))


class OneCall:
    """One call, from its arguments to a response that was read; what it paid for nothing is in ``wasted``."""

    def __init__(self, way: Way, request: Request, deadline: float, read: Read) -> None:
        """``read``: makes choices of litellm's response."""
        self._way = way
        self._request = request
        self._deadline = deadline
        self._read = read
        self._patience = Patience(way.shown)
        self._shortened: list[str] = []
        self._refusals = 0
        self.wasted: list[Usage] = []

    def answered(self, wanted: Arguments) -> tuple[Any, tuple[Choice, ...], list[str]]:
        """Return the response, its choices, and what was asked otherwise than wanted.

        Raises the ModelError that fits; what was paid on the way is told by it.
        """
        import openai  # late: slow to import; litellm's exceptions derive from its

        way, arguments = self._way, dict(wanted)
        while True:
            fitted, notes = way.refused.fitted(arguments)
            try:
                response, choices = self._tried(fitted)
            except (openai.OpenAIError, UnreadableAnswer) as error:
                if (otherwise := self._otherwise(error, arguments, fitted, notes)) is not None:
                    arguments = otherwise
                    continue
                failed = given_up(error, way.name, way.traffic.where, spoiled=self._patience.spoiled)
                raise with_paid(failed, self.wasted, way.price()) from error
            except ModelError as error:  # no turn came, or the run was stopped
                raise with_paid(error, self.wasted, way.price()) from error.__cause__
            way.shown.works()
            told = [f"{len(self.wasted)} answers that could not be used before it, counted"] if self.wasted else []
            return response, choices, [*self._shortened, *notes, *told]

    def _tried(self, sent: Arguments) -> tuple[Any, tuple[Choice, ...]]:
        """Try one form of the request as often as may help."""
        way, queued = self._way, list[float]()
        where = way.traffic.where
        retries = Retries(
            wait_cap=max(0.0, min(way.retry_seconds, self._deadline - time.monotonic())),
            endpoint=f"{way.name} at {where}" if where else way.name,
            cancel=way.cancel,
            before_retry=way.revived or (lambda: None),
            hopeless=lambda error: way.refused.names(error, sent) is not None,
            worn_out=self._patience.worn_out,
            elsewhere=way.traffic.another,
            queued=lambda: sum(queued),
            unproven=lambda: not way.shown.answered,
            telling=way.telling,
        )
        return retries.run(
            lambda: way.traffic.send(
                lambda place: self._once(sent, place),
                self._request,
                self._deadline,
                lambda answer: _tokens_of(answer[0]),
                queued,
            )
        )

    def _once(self, sent: Arguments, place: Arguments) -> tuple[Any, tuple[Choice, ...]]:
        """Send a request to one place, and read what comes back; both are put on the caller's account."""
        account = self._request.account
        call = account.sent() if account else ""
        try:
            response = self._response(sent, place, call)
        except BaseException as error:
            if account:
                account.over(call, None, type(error).__name__)
            raise
        if account:
            account.over(call, usage_of(response))
        return response, self._choices(response)

    def _response(self, sent: Arguments, place: Arguments, call: str) -> Any:
        headers = {**sent.get("extra_headers", {}), **place.get("extra_headers", {})}
        if call and place.get("api_base"):  # a vendor whose address nobody gave is sent what its own client would send
            headers[CALL_HEADER] = call
        told = {**sent, **place, **({"extra_headers": headers} if headers else {})}
        told["timeout"] = self._way.left(self._deadline)
        return complete_raw(told) if self._request.raw else litellm().completion(**told)

    def _choices(self, response: Any) -> tuple[Choice, ...]:
        """Read an answer's choices; one that cannot be used was paid for all the same."""
        try:
            choices = self._read(response)
        except _UNREADABLE as error:
            self.wasted.append(usage_of(response))
            what = str(error).partition("\n")[0]
            raise UnreadableAnswer(f"an answer that cannot be read ({type(error).__name__}: {what})") from error
        if not choices:
            self.wasted.append(usage_of(response))
            raise UnreadableAnswer("an answer without choices")
        return choices

    def _otherwise(self, error: Exception, wanted: Arguments, sent: Arguments, notes: list[str]) -> Arguments | None:
        """Return what to ask instead of a request that was refused; None where there is nothing."""
        self._refusals += 1
        if self._refusals > MOST_REFUSALS or time.monotonic() >= self._deadline:
            return None
        if self._way.refused.learn(error, sent):
            return wanted
        name, room = room_of(sent) or ("", 0)
        left = room_left(reason_of(error), room) if room and is_overflow(error) else None
        if self._shortened or not left:
            return None
        self._shortened = [*notes, f"{name} lowered to {left} by the context window"]
        return {**sent, name: left}


def _tokens_of(response: Any) -> int:
    usage = usage_of(response)
    return usage.prompt_tokens + usage.completion_tokens
