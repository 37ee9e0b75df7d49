"""Execution first, agreement after: what was run decides, and consensus orders what nothing that ran tells apart.

For patches of many systems, few of which are written alike: there the size of a text's cluster says little
(docs/consensus.md: majority closes nothing of the gap, consensus a fifth to a third), and how short a patch is nothing.
"""

from __future__ import annotations

from selection.rules.consensus import consensus
from selection.rules.evidence import passes, regression_count, reproducing
from selection.rules.ranking import Ranking, ranked
from selection.rules.votes import tally
from verifiers.ballot import Ballot


def gates_then_consensus(ballot: Ballot) -> Ranking:
    """Rank candidates by fewest regressions, most examples of the issue passed, ``tally``, then by ``consensus``."""
    if not ballot.candidates:
        return ()
    examples = [test for test in reproducing(ballot) if test in ballot.issue_tests]
    counts = tally(ballot)
    places = {candidate: place for place, group in enumerate(consensus(ballot)) for candidate in group}
    return ranked(
        (
            (
                regression_count(ballot, candidate),
                -passes(ballot, candidate, examples),
                -counts[candidate],
                places[candidate],
            ),
            candidate,
        )
        for candidate in counts
    )
