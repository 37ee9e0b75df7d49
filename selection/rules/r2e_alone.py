"""R2E-Gym's two verifiers, each alone (Jain et al. 2025, arXiv 2504.07164, sections 4.1 and 4.2); on trajectories."""

from __future__ import annotations

from selection.rules.evidence import descending, ef_judge, passes, regressions_as_run
from selection.rules.ranking import Ranking, ranked
from verifiers.ballot import Ballot


def eb(ballot: Ballot) -> Ranking:
    """Rank trajectories by the execution-based score: generated tests passed if no other breaks fewer, else 0.

    All generated tests count, those too that pass on the base. The gate is relative: the best in the pool passes.
    """
    made = [entry.candidate for entry in ballot.entries if entry.candidate is not None]
    least = min((regressions_as_run(ballot, candidate) for candidate in made), default=0.0)
    return ranked(
        ((-float(passes(ballot, one, ballot.tests)) if regressions_as_run(ballot, one) == least else 0.0,), one)
        for one in made
    )


def ef(ballot: Ballot) -> Ranking:
    """Rank trajectories by the execution-free score, a trained verifier's where one was asked; missing: last."""
    judge = ef_judge(ballot)
    return ranked(
        ((descending(entry.scores.get(judge)),), entry.candidate)
        for entry in ballot.entries
        if entry.candidate is not None
    )
