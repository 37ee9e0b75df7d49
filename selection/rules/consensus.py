"""The rules that look at nothing but the changes: the medoid, and the fitted consensus verifier."""

from __future__ import annotations

import numpy as np

from selection.rules.evidence import makers
from selection.rules.ranking import Ranking, Rule, ranked
from verifiers.ballot import Ballot
from verifiers.consensus import Consensus, ConsensusEvidence, gather
from verifiers.consensus.similarity import PAIR_FEATURES, Array

UTILITY = ("words", "places")
"""What the medoid's utility is the mean of: bags of changed words, and lines touched."""
DECIMALS = 9
"""Scores that differ in rounding alone tie."""


def medoid(ballot: Ballot) -> Ranking:
    """Rank candidates by ``expected_similarity``: minimum Bayes risk decoding (Kumar and Byrne 2004)."""
    return by_score(ballot, expected_similarity(gather(ballot)))


def expected_similarity(evidence: ConsensusEvidence) -> Array:
    """Return each candidate's summed similarity with the changes of the other trajectories, equal ones included.

    The similarity is the mean of the Jaccard similarities of changed words (as bags) and of touched lines.
    """
    similarity = evidence.pairs[:, :, [PAIR_FEATURES.index(name) for name in UTILITY]].mean(axis=2)
    np.fill_diagonal(similarity, 1.0)
    weights = np.tile(evidence.multiplicity, (len(evidence), 1)) - np.eye(len(evidence))
    return np.asarray((weights * similarity).sum(axis=1))


def consensus_rule(model: Consensus) -> Rule:
    """Return the rule that ranks candidates by a fitted consensus verifier."""

    def consensus(ballot: Ballot) -> Ranking:
        return by_score(ballot, model.log_odds(gather(ballot)))

    return consensus


def consensus(ballot: Ballot) -> Ranking:
    """Rank candidates by the consensus verifier that comes with Runoff."""
    return consensus_rule(Consensus.packaged())(ballot)


def by_score(ballot: Ballot, scores: Array) -> Ranking:
    """Rank candidates by scores in ballot order, the highest first."""
    known = {candidate.id: float(score) for candidate, score in zip(ballot.candidates, scores, strict=True)}
    return ranked(((-round(known[name], DECIMALS),), name) for name in makers(ballot))
