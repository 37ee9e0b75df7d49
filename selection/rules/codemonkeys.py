"""CodeMonkeys' vote as published (Ehrlich et al. 2025, arXiv 2501.14723, the filter before its selection stage)."""

from __future__ import annotations

from selection.rules.evidence import passes
from selection.rules.ranking import Ranking, ranked
from verifiers.ballot import Ballot


def codemonkeys(ballot: Ballot) -> Ranking:
    """Rank trajectories by how many final tests exit 0 on them; ties by diff length in characters, then first.

    The final test of every entry votes, those of entries without a patch too. Identical tests count once per
    entry, an entry's own test counts, and what a test did on the base is not looked at. Identical patches
    are dropped after ranking, so the order has no ties.
    """
    tests = [entry.test for entry in ballot.entries if entry.test is not None]
    return ranked(
        ((-passes(ballot, entry.candidate, tests), entry.patch_chars, index), entry.candidate)
        for index, entry in enumerate(ballot.entries)
        if entry.candidate is not None
    )
