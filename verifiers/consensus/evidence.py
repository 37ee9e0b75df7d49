"""All that the consensus verifier looks at in one task's candidates, and the features it makes of that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from verifiers.ballot import Ballot
from verifiers.consensus.shape import view
from verifiers.consensus.similarity import PAIR_FEATURES, Array, pairs
from verifiers.consensus.traits import TRAITS, traits

VOTES = ("vote", "vote_relative", "trusted_vote_relative")
"""What the others say of a candidate, each by how alike the two are: the mean of their votes, that mean beside the
mean over all candidates, and the same once more with the votes of well-supported candidates counting for more."""
AGREEMENT = ("places", "net_words", "names", "lines", "places_in")
"""Mean similarity with the other candidates, each different change once."""
SIZES = ("added_lines", "removed_lines")
"""Traits that say something beside the other candidates' only: their distance from the median."""
CANDIDATE_FEATURES = (*VOTES, *AGREEMENT, "nearest_words", "multiplicity", *TRAITS)
RISING = (*VOTES, *AGREEMENT, "nearest_words", "multiplicity")
"""Features with which a score may only rise: agreement never speaks against a candidate."""
NEAREST = 3
"""Candidates that ``nearest_words`` averages over."""


@dataclass(frozen=True)
class ConsensusEvidence:
    """One task's candidates in ballot order."""

    pairs: Array
    """candidates x candidates x PAIR_FEATURES; the diagonal is 0."""
    traits: Array
    """candidates x TRAITS."""
    multiplicity: Array
    """How many trajectories made each."""

    def __len__(self) -> int:
        return len(self.multiplicity)

    def take(
        self, indices: Sequence[int] | NDArray[np.intp], multiplicity: Sequence[float] | Array
    ) -> ConsensusEvidence:
        """Return the evidence of some of the candidates alone, made by that many trajectories each."""
        chosen = np.asarray(indices, dtype=np.intp)
        return ConsensusEvidence(
            pairs=self.pairs[np.ix_(chosen, chosen)],
            traits=self.traits[chosen],
            multiplicity=np.asarray(multiplicity, dtype=np.float64),
        )

    def rows(self) -> Array:
        """Return the features of every pair of different candidates: (first, second), first by first."""
        return np.asarray(self.pairs[~np.eye(len(self), dtype=bool)])

    def features(self, votes: Array) -> Array:
        """Return candidates x CANDIDATE_FEATURES; ``votes[i, j]`` is what j says of i, in log-odds, 0 where i is j.

        A lone candidate agrees and disagrees with nobody: NaN.
        """
        if not len(self):
            return np.zeros((0, len(CANDIDATE_FEATURES)))
        columns = {**self._votes(votes), **self._agreement()}
        for number, name in enumerate(TRAITS):
            column = self.traits[:, number]
            columns[name] = column - np.median(column) if name in SIZES else column
        return np.stack([columns[name] for name in CANDIDATE_FEATURES], axis=-1)

    def _votes(self, votes: Array) -> dict[str, Array]:
        if len(self) < 2:
            return dict.fromkeys(VOTES, np.full(len(self), nan))
        plain = votes.sum(axis=1) / (len(self) - 1)
        spread = float(plain.std())
        trust = 1 / (1 + np.exp(-2 * (plain - plain.mean()) / spread)) if spread > 1e-6 else np.ones(len(self))
        weights = np.tile(trust, (len(self), 1))
        np.fill_diagonal(weights, 0.0)
        trusted = (weights * votes).sum(axis=1) / weights.sum(axis=1)
        return {
            "vote": plain,
            "vote_relative": plain - plain.mean(),
            "trusted_vote_relative": trusted - trusted.mean(),
        }

    def _agreement(self) -> dict[str, Array]:
        others = len(self) - 1
        if others < 1:
            return dict.fromkeys((*AGREEMENT, "nearest_words", "multiplicity"), np.full(len(self), nan))
        words = np.sort(self.pairs[:, :, PAIR_FEATURES.index("words")], axis=1)
        return {
            **{name: self.pairs[:, :, PAIR_FEATURES.index(name)].sum(axis=1) / others for name in AGREEMENT},
            "nearest_words": words[:, -min(NEAREST, others) :].mean(axis=1),
            "multiplicity": (self.multiplicity - 1) / max(float(self.multiplicity.sum()) - 1, 1.0),
        }


def gather(ballot: Ballot) -> ConsensusEvidence:
    """Read a ballot's candidates; neither their order nor how their patches are written changes what is found."""
    made = Counter(entry.candidate for entry in ballot.entries)
    views = [view(candidate.patch) for candidate in ballot.candidates]
    return ConsensusEvidence(
        pairs=pairs(views),
        traits=traits(views, ballot.issue),
        multiplicity=np.array([max(made[candidate.id], 1) for candidate in ballot.candidates], dtype=np.float64),
    )
