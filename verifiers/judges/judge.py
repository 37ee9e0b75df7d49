"""The protocol of a judge: it scores a task's candidates by asking a model, or by asking nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from agent.models.contract import Completion, Request
from agent.models.profiles import Capability
from verifiers.judges.hearing import Hearing

Ask = Callable[[Request], Completion | None]
"""Asks the task's model; None: this very question got no answer (refused, too long), and what it was about is missing.

The caller sets the seed where the request names none, gives a reasoning model its room, puts the call on record and
pays for it; what is answered on disk is not asked again.
"""

Scored = tuple[str, float | None]
"""A candidate's id and its score."""


class Judge(Protocol):
    """An execution-free verifier. It owns its prompt, its grammar and the reading of its answers."""

    @property
    def needs(self) -> frozenset[Capability]:
        """What the model's endpoint must offer for its score to say much; ``judge: auto`` leaves it out without.

        A model that thinks and is asked several times (``judge_draws``) needs none of it.
        """
        ...

    def scores(self, ask: Ask, hearing: Hearing) -> Iterator[Scored]:
        """Yield candidates with their scores as they become known: more is better, 0 to 1; None: missing.

        What the model cut short, or what cannot be read, is missing, and never a middling score. A later word on the
        same candidate takes the place of the earlier: so what is known counts where the budget ends the hearing.
        """
        ...

    def questions(self, candidates: int, profile_draws: int) -> int:
        """Return how many answers scoring so many candidates takes at most, for the forecast."""
        ...
