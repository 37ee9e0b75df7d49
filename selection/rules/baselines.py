"""The rules that look at no evidence but the patches themselves: first, random, majority."""

from __future__ import annotations

from selection.rules.clusters import text_clusters
from selection.rules.evidence import cluster_support, makers
from selection.rules.ranking import NO_PATCH, Ranking, ranked
from verifiers.ballot import Ballot


def first(ballot: Ballot) -> Ranking:
    """Take the first trajectory that has a patch."""
    return tuple((candidate,) for candidate in makers(ballot))


def random(ballot: Ballot) -> Ranking:
    """Tie every editing trajectory, those without a patch included, so that its expectation is pass@1."""
    entries = tuple(entry.candidate or NO_PATCH for entry in ballot.entries if entry.edits)
    return (entries,) if entries else ()


def majority(ballot: Ballot) -> Ranking:
    """Take the cluster that most trajectories ended in (self-consistency; Agentless votes over normalised patches).

    Works on trajectories, so equally large clusters weigh the same however many spellings they hold.
    """
    support = cluster_support(ballot, text_clusters(ballot))
    return ranked(
        ((-support[entry.candidate],), entry.candidate) for entry in ballot.entries if entry.candidate is not None
    )
