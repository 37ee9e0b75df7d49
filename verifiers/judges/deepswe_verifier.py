"""The judge ``deepswe-verifier``: DeepSWE's trained verifier, for whoever serves it (agentica-org/DeepSWE-Verifier)."""

from __future__ import annotations

from collections.abc import Iterator

from agent.models.profiles import Capability
from verifiers.judges.hearing import Hearing
from verifiers.judges.interaction_log import by_their_logs, without_thoughts
from verifiers.judges.judge import Ask, Scored

WINDOW = 65_536
"""Tokens that its published script cuts a log to."""


class DeepSweVerifier:
    """Asks about every trajectory's log and patch; name the model that serves it by ``roles.judge``."""

    needs: frozenset[Capability] = frozenset({"logprobs"})

    def scores(self, ask: Ask, hearing: Hearing) -> Iterator[Scored]:
        """Yield each candidate's mean P(YES) over its trajectories."""
        return by_their_logs(ask, hearing, WINDOW, without_thoughts)

    def questions(self, candidates: int, draws: int) -> int:
        """Return one for each; where several trajectories made one, it takes more."""
        return candidates
