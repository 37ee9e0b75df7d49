"""Facts of a ballot that several rules weigh; each is counted in one place."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from environments.workbench.outcome import Outcome
from selection.rules.clusters import clusters
from verifiers.ballot import P_YES, Ballot, Candidate, Entry

UNMEASURED = 0.5
"""Regressions to count where none was looked for: between a clean candidate and a broken one."""
WAIVED = 0.25
"""Regressions to count where the issue asks for all there are: between a clean candidate and one never measured."""


def makers(ballot: Ballot) -> dict[str, tuple[Entry, ...]]:
    """Return candidate id -> the trajectories that produced it, in the order of the first of them."""
    made: dict[str, tuple[Entry, ...]] = {}
    for entry in ballot.entries:
        if entry.candidate is not None:
            made[entry.candidate] = (*made.get(entry.candidate, ()), entry)
    return made


def by_id(ballot: Ballot) -> dict[str, Candidate]:
    """Return candidate id -> candidate."""
    return {candidate.id: candidate for candidate in ballot.candidates}


def regression_count(ballot: Ballot, candidate: str) -> float:
    """Return how many regression tests the candidate breaks, beside those that the issue asks to break (a waiver).

    A candidate all of whose regressions are waived stands below one without any. Where the suite was not run on it
    nobody knows: that is worse still, and better than any that is known to break.
    """
    broken = ballot.regressions.get(candidate)
    if broken is None:
        return UNMEASURED
    left = unwaived(ballot, candidate)
    return len(left) if left or not broken else WAIVED


def regressions_as_run(ballot: Ballot, candidate: str) -> float:
    """Return how many regression tests the candidate breaks, waived or not, as the rules of papers count them."""
    broken = ballot.regressions.get(candidate)
    return UNMEASURED if broken is None else len(broken)


def unwaived(ballot: Ballot, candidate: str) -> tuple[str, ...]:
    """Return the regression tests that the candidate breaks and that the issue does not ask to break."""
    waived = ballot.waivers.get(candidate, {})
    return tuple(test for test in ballot.regressions.get(candidate, ()) if test not in waived)


def outcome(ballot: Ballot, test: str, candidate: str) -> Outcome:
    """Return what the test did on the candidate; ``missing`` when it was not run."""
    return ballot.outcomes.get(test, {}).get(candidate, Outcome.MISSING)


def passes(ballot: Ballot, candidate: str, tests: Iterable[str]) -> int:
    """Count the tests that pass on the candidate; a test given twice counts twice."""
    return sum(outcome(ballot, test, candidate) is Outcome.PASS for test in tests)


def reproducing(ballot: Ballot) -> tuple[str, ...]:
    """Return the tests that the harness saw fail on the base."""
    return tuple(test for test in ballot.tests if ballot.reproduces(test))


def cluster_support(ballot: Ballot, by: Mapping[str, str] | None = None) -> dict[str, int]:
    """Return candidate id -> how many trajectories produced a member of its cluster.

    ``by``: candidate id -> cluster; None: by behaviour where it was seen, else by text.
    """
    groups = clusters(ballot) if by is None else by
    members = Counter(groups[entry.candidate] for entry in ballot.entries if entry.candidate is not None)
    return {candidate: members[cluster] for candidate, cluster in groups.items()}


def mean_score(entries: Iterable[Entry], judge: str = P_YES) -> float | None:
    """Return a judge's mean score over the trajectories that have one; None when none has."""
    scores = [score for entry in entries if (score := entry.scores.get(judge)) is not None]
    return math.fsum(scores) / len(scores) if scores else None


EF_JUDGES = ("r2e-verifier", "deepswe-verifier", P_YES)
"""Judges whose score is R2E-Gym's execution-free one: its own trained verifier, DeepSWE's, any model's P(YES)."""


def ef_judge(ballot: Ballot) -> str:
    """Return the judge whose score is this ballot's EF: the first of ``EF_JUDGES`` that scored anything."""
    scored = {name for entry in ballot.entries for name, score in entry.scores.items() if score is not None}
    return next((name for name in EF_JUDGES if name in scored), P_YES)


def heard_score(ballot: Ballot, made: Iterable[Entry]) -> float | None:
    """Return what the best judge that has earned a say, and scored anything, says of a candidate.

    ``made``: the trajectories that made it. None: it has no score, or nobody has a say.
    """
    scored = {name for entry in ballot.entries for name, score in entry.scores.items() if score is not None}
    heard = next((name for name in ballot.earned if name in scored), None)
    return None if heard is None else mean_score(made, heard)


def descending(score: float | None) -> float:
    """Turn a score where more is better into a sort key; a missing score ranks last."""
    return math.inf if score is None else -score
