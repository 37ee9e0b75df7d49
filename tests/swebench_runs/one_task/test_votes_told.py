"""The votes in a line: who survives stands first."""

from environments.workbench.outcome import Outcome
from swebench_runs.one_task.votes_told import votes_told
from verifiers.ballot import BASE, Ballot, Candidate, Entry


def ballot(**outcomes):
    """A ballot of one test; candidate -> its outcome, and whether it breaks an existing test."""
    return Ballot(
        entries=tuple(Entry(id=f"edit-{number}", candidate=name) for number, name in enumerate(outcomes)),
        candidates=tuple(Candidate(id=name, patch=f"-{name}\n") for name in outcomes),
        tests=("t",),
        outcomes={"t": {BASE: Outcome.FAIL, **{name: found for name, (found, _) in outcomes.items()}}},
        regression_tests=("r",),
        regressions={name: ("r",) if broken else () for name, (_, broken) in outcomes.items()},
    )


def test_who_passes_all_and_breaks_nothing_survives_and_stands_first():
    told = votes_told(
        ballot(a=(Outcome.FAIL, False), b=(Outcome.PASS, True), c=(Outcome.PASS, False), d=(Outcome.FAIL, True))
    )
    assert told == (
        "votes: 1 of 4 patches survive (c 1 of 1 test, existing tests clean; a 0 of 1 test, existing tests clean; "
        "b 1 of 1 test, existing tests broken; 1 more)"
    )


def test_nobody_survives_where_no_test_shows_the_issue():
    found = ballot(a=(Outcome.PASS, False))
    silent = found.model_copy(update={"outcomes": {"t": {BASE: Outcome.PASS, "a": Outcome.PASS}}})
    assert votes_told(silent).startswith("votes: 0 of 1 patch survive")


def test_without_a_patch_there_is_nothing_to_tell():
    assert votes_told(ballot()) == "votes: no patch to vote on"
