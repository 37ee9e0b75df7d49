"""Early stop: when further trajectories would be spent on an issue that is as good as settled."""

from __future__ import annotations

from environments.workbench.outcome import Outcome
from selection.rules import chosen
from selection.rules.clusters import clusters
from selection.rules.evidence import by_id, outcome
from selection.rules.shortlist import runoff
from selection.weighing import weigh
from verifiers.ballot import Ballot, Entry


def settled(ballot: Ballot, *, quorum: int = 2) -> str | None:
    """Return the candidate that ends the sampling, or None to go on.

    It leads Runoff's rule; at least ``quorum`` trajectories ended in its cluster, each verified by the harness; it
    passes every test that reproduces the issue; and the existing suite was run on it and breaks nowhere. A policy for
    product runs: in a measured pool it is off, since it would make trajectories depend on one another.
    """
    leader = chosen(runoff(ballot))
    if leader is None:
        return None
    cluster = clusters(ballot)
    agreeing = [
        entry for entry in ballot.entries if entry.candidate is not None and cluster[entry.candidate] == cluster[leader]
    ]
    evidence = weigh(ballot, leader)
    clean = evidence.gate == "clean" and bool(evidence.passed) and not evidence.failed
    return leader if clean and sum(verified(ballot, entry) for entry in agreeing) >= quorum else None


def verified(ballot: Ballot, entry: Entry) -> bool:
    """Tell whether the harness saw the trajectory's final test fail on the base and pass on its own, clean patch."""
    if entry.test is None or entry.candidate is None or by_id(ballot)[entry.candidate].suspicious:
        return False
    return ballot.reproduces(entry.test) and outcome(ballot, entry.test, entry.candidate) is Outcome.PASS
