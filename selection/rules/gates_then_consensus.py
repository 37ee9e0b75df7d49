"""Execution first, agreement after: what was run decides, and consensus orders what nothing that ran tells apart.

For patches of many systems, few of which are written alike: there the size of a text's cluster says little
(docs/consensus.md: majority closes nothing of the gap, consensus a fifth to a third), and how short a patch is nothing.
"""

from __future__ import annotations

from selection.rules.consensus import consensus
from selection.rules.evidence import passes, regression_count, reproducing
from selection.rules.ranking import Ranking, Rule, ranked
from selection.rules.votes import tally
from verifiers.ballot import Ballot


def gates_then(order: Rule) -> Rule:
    """Return the rule: fewest regressions, most examples of the issue passed, most votes (``tally``), ``order``."""

    def gates_then_order(ballot: Ballot) -> Ranking:
        if not ballot.candidates:
            return ()
        examples = [test for test in reproducing(ballot) if test in ballot.issue_tests]
        counts = tally(ballot)
        places = {candidate: place for place, group in enumerate(order(ballot)) for candidate in group}
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

    return gates_then_order


def gates_then_consensus(ballot: Ballot) -> Ranking:
    """Rank candidates by what was run, then by the consensus verifier that comes with Runoff."""
    return gates_then(consensus)(ballot)
