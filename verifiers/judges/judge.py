"""The protocol of a judge: it scores one candidate by asking a model, or by asking nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from agent.models.contract import Completion, Request
from agent.models.profiles import Capability
from verifiers.judges.case import Case

Ask = Callable[[Request], Completion]
"""Asks the task's model. The caller sets the seed, gives a reasoning model its room, puts the call on record and
pays for it; what is answered on disk is not asked again."""


class Judge(Protocol):
    """An execution-free verifier. It owns its prompt, its grammar and the reading of its answers."""

    @property
    def needs(self) -> frozenset[Capability]:
        """What the model's endpoint must offer for its score to say much; ``judge: auto`` leaves it out without.

        A model that thinks and is asked several times (``judge_draws``) needs none of it.
        """
        ...

    def score(self, ask: Ask, case: Case) -> float | None:
        """Return a number where more is better, 0 to 1; None when the answers show none."""
        ...
