"""R2E-Gym's hybrid of an LLM judge and tests."""

from __future__ import annotations

from selection.rules.evidence import descending, ef_judge, passes, regressions_as_run
from selection.rules.ranking import Ranking, ranked
from verifiers.ballot import Ballot, Entry


def r2e_hybrid(ballot: Ballot) -> Ranking:
    """Rank trajectories as the notebook of R2E-Gym's hybrid verifier does (Jain et al. 2025, arXiv 2504.07164).

    Of K trajectories with a patch, the top max(3, K // 2) by judge go on (``_beyond_cut``); among them the fewest
    regressions win, then the most generated tests passed (no base filter), then the judge. What still ties is
    averaged over trajectories, as in the notebook. The gate is relative: the best in the pool passes.
    """
    pool = [entry for entry in ballot.entries if entry.candidate is not None]
    judge = ef_judge(ballot)
    beyond = _beyond_cut(pool, judge)
    return ranked(
        (
            (
                entry.id in beyond,
                regressions_as_run(ballot, entry.candidate),
                -passes(ballot, entry.candidate, ballot.tests),
                descending(entry.scores.get(judge)),
            ),
            entry.candidate,
        )
        for entry in pool
        if entry.candidate is not None
    )


def _beyond_cut(pool: list[Entry], judge: str) -> set[str]:
    """Return the trajectories below the judge's cut: ties at the cut stay, and without any score there is no cut."""
    keep = max(3, len(pool) // 2)
    scores = sorted(descending(entry.scores.get(judge)) for entry in pool)
    if len(pool) <= keep or all(entry.scores.get(judge) is None for entry in pool):
        return set()
    return {entry.id for entry in pool if descending(entry.scores.get(judge)) > scores[keep - 1]}
