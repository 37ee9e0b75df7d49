"""The protocol of a judge: it scores one candidate by asking a model, or by asking nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from agent.models.contract import Completion, Message
from agent.models.profiles import Capability
from verifiers.judges.case import Case


@dataclass(frozen=True)
class Question:
    """What a judge asks of the model in one call."""

    messages: tuple[Message, ...]
    max_tokens: int
    temperature: float = 0.0
    grammar: str | None = None
    """A GBNF grammar of the answer, where the endpoint takes one."""
    logprobs: int = 0
    """Alternatives per token to return."""


Ask = Callable[[Question], Completion]
"""Asks the task's model; the caller puts it on record, pays for it, and repeats no answer that is on disk."""


class Judge(Protocol):
    """An execution-free verifier. It owns its prompt, its grammar and the reading of its answers."""

    @property
    def needs(self) -> frozenset[Capability]:
        """What the model's endpoint must offer for its score to say much; ``judge: auto`` leaves it out without."""
        ...

    def score(self, ask: Ask, case: Case) -> float | None:
        """Return a number where more is better, 0 to 1; None when the answers show none."""
        ...
