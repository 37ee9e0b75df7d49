"""The protocol of a judge: it scores one candidate by asking a model, or by asking nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from agent.models.contract import Completion, Message
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

    needs_logprobs: bool
    """Without log-probabilities its score says little: ``judge: auto`` then leaves it out."""

    def score(self, ask: Ask, case: Case) -> float | None:
        """Return a number where more is better, 0 to 1; None when the answers show none."""
        ...
