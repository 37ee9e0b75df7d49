"""A model that plays given answers: for driving exact paths in tests, never in a product path."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.models.contract import Choice, Completion, Message, ModelError, Request, Usage
from agent.models.prices import FREE, Price

Answer = str | Choice | Exception


@dataclass(frozen=True)
class ScriptedRequest:
    """What one call asked for."""

    messages: tuple[Message, ...]
    n: int
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def prompt(self) -> str:
        """The messages' contents, joined by newlines."""
        return "\n".join(message.content for message in self.messages)


class ScriptedModel:
    """Answers in order from a list, or by a function of the request; an Exception among the answers is raised.

    Each choice takes one answer, so a call with ``n=3`` takes three. A function is called once per choice.
    ``requests`` records what was asked. Deterministic and safe under many threads (a list is served in the order
    in which calls arrive). Tokens are whitespace-separated words.
    """

    def __init__(
        self, answers: Sequence[Answer] | Callable[[ScriptedRequest], Answer], *, name: str = "scripted"
    ) -> None:
        self.name = name
        self.price: Price | None = FREE
        self.requests: list[ScriptedRequest] = []
        self._lock = threading.Lock()
        self._answer = answers if callable(answers) else _in_order(answers)

    def complete(self, request: Request) -> Completion:
        """Play the next ``n`` answers; ModelError when the script has run out."""
        asked = ScriptedRequest(tuple(request.messages), request.n, vars(request))
        with self._lock:
            self.requests.append(asked)
            answers = [self._answer(asked) for _ in range(request.n)]
        choices = tuple(_choice(answer) for answer in answers)
        usage = Usage(
            prompt_tokens=self.count_tokens(request.messages),
            completion_tokens=sum(len(c.content.split()) for c in choices),
        )
        return Completion(choices=choices, usage=usage, cost=0.0, latency=0.0)

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Count words."""
        return sum(len(message.content.split()) for message in messages)


def _in_order(answers: Sequence[Answer]) -> Callable[[ScriptedRequest], Answer]:
    left = iter(answers)

    def answer(request: ScriptedRequest) -> Answer:
        for following in left:
            return following
        raise ModelError(f"the script of {len(answers)} answers has run out")

    return answer


def _choice(answer: Answer) -> Choice:
    if isinstance(answer, Exception):
        raise answer
    return answer if isinstance(answer, Choice) else Choice(content=answer, finish_reason="stop")
