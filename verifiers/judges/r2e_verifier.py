"""The judge ``r2e-verifier``: R2E-Gym's trained verifier, for whoever serves it (R2E-Gym/R2EGym-Verifier, 14B)."""

from __future__ import annotations

from collections.abc import Iterator

from agent.models.profiles import Capability
from verifiers.judges.hearing import Hearing
from verifiers.judges.interaction_log import by_their_logs, without_observations
from verifiers.judges.judge import Ask, Scored

WINDOW = 28_000
"""Tokens that its published script cuts a log to; it was trained on 32,768."""


class R2EVerifier:
    """Asks about every trajectory's log and patch; name the model that serves it by ``roles.judge``."""

    needs: frozenset[Capability] = frozenset({"logprobs"})

    def scores(self, ask: Ask, hearing: Hearing) -> Iterator[Scored]:
        """Yield each candidate's mean P(YES) over its trajectories."""
        return by_their_logs(ask, hearing, WINDOW, without_observations)

    def questions(self, candidates: int, draws: int) -> int:
        """Return one for each; where several trajectories made one, it takes more."""
        return candidates
