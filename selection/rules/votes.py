"""Votes of tests that have earned one, alone and behind the regression gate."""

from __future__ import annotations

from environments.workbench.outcome import Outcome
from selection.rules.evidence import makers, outcome, regression_count, reproducing
from selection.rules.ranking import Ranking, ranked
from verifiers.ballot import Ballot

OWN_TEST_CAP = 1
"""Votes that a candidate can win from tests which only its own trajectories wrote."""


def behaviours(ballot: Ballot) -> tuple[tuple[str, ...], ...]:
    """Group the reproducing tests that do the same on every candidate: copies of one idea have one vote."""
    groups: dict[tuple[Outcome, ...], list[str]] = {}
    for test in reproducing(ballot):
        vector = tuple(outcome(ballot, test, candidate.id) for candidate in ballot.candidates)
        groups.setdefault(vector, []).append(test)
    return tuple(tuple(group) for group in groups.values())


def tally(ballot: Ballot) -> dict[str, int]:
    """Return candidate id -> votes: one per behaviour that passes on it, own-test votes capped.

    A test is a candidate's own when nobody but trajectories of that candidate ended with it; an example of the issue
    is nobody's own.
    """
    authors, groups = authors_of(ballot), behaviours(ballot)
    votes = {}
    for candidate in makers(ballot):
        passed = [group for group in groups if outcome(ballot, group[0], candidate) is Outcome.PASS]
        own = sum(all(authors.get(test) == {candidate} for test in group) for group in passed)
        votes[candidate] = len(passed) - own + min(own, OWN_TEST_CAP)
    return votes


def authors_of(ballot: Ballot) -> dict[str, set[str | None]]:
    """Return test -> the candidates of the trajectories that ended with it; None: of no candidate, or the issue's."""
    authors: dict[str, set[str | None]] = {test: {None} for test in ballot.issue_tests}
    for entry in ballot.entries:
        if entry.test is not None:
            authors.setdefault(entry.test, set()).add(entry.candidate)
    return authors


def votes(ballot: Ballot) -> Ranking:
    """Rank candidates by ``tally``."""
    return ranked(((-count,), candidate) for candidate, count in tally(ballot).items())


def regression_then_votes(ballot: Ballot) -> Ranking:
    """Rank candidates by fewest regressions, then by ``tally``.

    A clean candidate always beats one that breaks something; where none is clean, the fewest regressions lead and
    ``selection.decision`` says so.
    """
    return ranked(
        ((regression_count(ballot, candidate), -count), candidate) for candidate, count in tally(ballot).items()
    )
