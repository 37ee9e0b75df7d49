from __future__ import annotations

from environments.workbench.outcome import Outcome
from selection.stop import settled
from verifiers.ballot import BASE, Ballot, Candidate, Entry


def ballot(*, entries=None, outcomes=None, regressions=None) -> Ballot:
    """Two trajectories, two spellings of one fix, each passing the same test; everything clean."""
    passing = {BASE: Outcome.FAIL, "a": Outcome.PASS, "b": Outcome.PASS, "c": Outcome.FAIL}
    agreeing = (Entry(id="edit-0", candidate="a", test="t"), Entry(id="edit-1", candidate="b", test="t"))
    return Ballot(
        entries=agreeing if entries is None else entries,
        candidates=(
            Candidate(id="a", patch="p", cluster="x"),
            Candidate(id="b", patch="pp", cluster="x"),
            Candidate(id="c", patch="ppp", cluster="y"),
        ),
        tests=tuple(outcomes or ("t",)),
        outcomes=outcomes or {"t": passing},
        regression_tests=("r",),
        regressions={"a": (), "b": ()} if regressions is None else regressions,
    )


def test_two_verified_trajectories_of_one_cluster_settle_it():
    assert settled(ballot()) == "a"
    assert settled(ballot(), quorum=3) is None


def test_one_trajectory_or_one_verified_trajectory_is_not_agreement():
    one = Entry(id="edit-0", candidate="a", test="t")
    assert settled(ballot(entries=(one,))) is None
    assert settled(ballot(entries=(one, Entry(id="edit-1", candidate="b")))) is None
    assert settled(ballot(entries=(one, Entry(id="edit-1", candidate="c", test="t")))) is None


def test_a_test_that_does_not_reproduce_verifies_nothing():
    outcomes = {"t": {BASE: Outcome.ERROR, "a": Outcome.PASS, "b": Outcome.PASS}}
    assert settled(ballot(outcomes=outcomes)) is None


def test_another_reproducing_test_that_fails_keeps_it_open():
    passing = {BASE: Outcome.FAIL, "a": Outcome.PASS, "b": Outcome.PASS}
    failing = {BASE: Outcome.FAIL, "a": Outcome.FAIL, "b": Outcome.FAIL}
    assert settled(ballot(outcomes={"t": passing, "u": failing})) is None


def test_a_regression_or_an_unmeasured_suite_keeps_it_open():
    assert settled(ballot(regressions={"a": ("r",), "b": ("r",)})) is None
    assert settled(ballot(regressions={})) is None


def test_nothing_is_not_settled():
    assert settled(ballot(entries=())) is None
