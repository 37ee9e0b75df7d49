from __future__ import annotations

import pytest

from environments.workbench.outcome import Outcome
from selection.decision import decide
from selection.rules import RULES
from selection.weighing import RunoffVerdict
from verifiers.ballot import BASE, Ballot, Candidate, Entry


def ballot(*, a: str = "P", b: str = "F", regressions=None, entries=("a", "b"), clusters=("", "")) -> Ballot:
    """Two candidates and one reproducing test per letter of ``a`` and ``b`` (P: pass, F: fail)."""
    letters = {"P": Outcome.PASS, "F": Outcome.FAIL}
    tests = tuple(f"t{i}" for i in range(len(a)))
    return Ballot(
        entries=tuple(Entry(id=f"edit-{i}", candidate=c) for i, c in enumerate(entries)),
        candidates=(Candidate(id="a", patch="diff a", cluster=clusters[0]), Candidate(id="b", patch="diff bb")),
        tests=tests,
        outcomes={t: {BASE: Outcome.FAIL, "a": letters[a[i]], "b": letters[b[i]]} for i, t in enumerate(tests)},
        regression_tests=("r",),
        regressions={"a": (), "b": ()} if regressions is None else regressions,
    )


def settle(votes: Ballot, verdict: RunoffVerdict | None = None):
    return decide(votes, RULES["runoff"](votes), verdict)


def test_the_leader_is_chosen_with_its_evidence():
    decision = settle(ballot(a="PP", b="PF"))
    assert (decision.candidate, decision.patch, decision.abstained) == ("a", "diff a", False)
    assert decision.evidence is not None
    assert decision.evidence.passed == ("t0", "t1")
    assert decision.evidence.gate == "clean"
    assert decision.confidence == "medium"
    assert "2 of 2 reproducing tests" in decision.reason


def test_the_run_off_overrules_the_ranking():
    decision = settle(ballot(b="P"), RunoffVerdict(winner="b", reason="a forgets None", told_apart=True))
    assert (decision.candidate, decision.patch, decision.confidence) == ("b", "diff bb", "high")
    assert "run-off" in decision.reason


def test_agreement_of_trajectories_gives_high_confidence_where_no_other_change_comes_out_as_well():
    assert settle(ballot(entries=("a", "b", "a"))).confidence == "high"
    contested = settle(ballot(b="P", entries=("a", "b", "a")))
    assert (contested.confidence, contested.evidence.rivals) == ("medium", 1)
    assert contested.reason.endswith("in its cluster; 1 other change does as well by every test that was run.")
    breaks = ballot(b="P", entries=("a", "b", "a"), regressions={"a": (), "b": ("r",)})
    assert settle(breaks).confidence == "high"


def test_samples_of_one_trajectory_agree_with_nobody():
    votes = ballot(entries=("a", "b"))
    sample = Entry(id="edit-0.1", candidate="a", trajectory="edit-0")
    decision = settle(votes.model_copy(update={"entries": (*votes.entries, sample)}))
    assert (decision.evidence.cluster, decision.evidence.agreeing, decision.confidence) == (2, 1, "medium")


def test_a_failed_test_or_an_unmeasured_gate_gives_low_confidence():
    assert settle(ballot(a="PPF", b="FFF", entries=("a", "b", "a"))).confidence == "low"
    unmeasured = settle(ballot(regressions={}))
    assert (unmeasured.confidence, unmeasured.abstained) == ("low", False)
    assert "not measured" in unmeasured.reason


@pytest.mark.parametrize(
    ("votes", "verdict", "why"),
    [
        (ballot(a="F"), None, "passes none of 1 test that"),
        (ballot(a="", b=""), None, "No test reproduces"),
        (ballot(b="P"), None, "1 other change does as well by every test that was run, and it was made only once"),
        (ballot(regressions={"a": ("r",), "b": ("r", "s")}), None, "breaks 1 existing test, the fewest"),
        (ballot(), RunoffVerdict(winner=None, reason="all wrong"), "no finalist deserves to win: all wrong"),
    ],
)
def test_runoff_abstains_and_keeps_the_best_patch(votes, verdict, why):
    decision = settle(votes, verdict)
    assert decision.abstained
    assert decision.confidence == "none"
    assert why in decision.reason
    assert decision.patch == "diff a"


def test_a_winner_that_breaks_tests_is_named_but_not_stood_by():
    decision = settle(ballot(b="P", regressions={"a": (), "b": ("r",)}), RunoffVerdict(winner="b", reason="better"))
    assert (decision.candidate, decision.abstained) == ("b", True)
    assert decision.reason == "It breaks 1 existing test."


def test_without_candidates_there_is_nothing_to_submit():
    empty = Ballot(entries=(Entry(id="edit-0"),), candidates=(), tests=(), outcomes={})
    for name, rule in RULES.items():
        decision = decide(empty, rule(empty), rule=name)
        assert (decision.candidate, decision.patch, decision.abstained) == (None, "", True)
        assert "No trajectory" in decision.reason


def test_a_winner_from_nowhere_is_refused():
    with pytest.raises(ValueError, match="not on the ballot"):
        settle(ballot(), RunoffVerdict(winner="z", reason=""))


def test_equal_finalists_are_no_second_opinion_on_the_first():
    votes = ballot(b="P")
    equal = settle(votes, RunoffVerdict(winner="a", reason="", equal=True))
    named = settle(votes, RunoffVerdict(winner="a", reason=""))
    shown = settle(votes, RunoffVerdict(winner="a", reason="", told_apart=True))
    assert (equal.confidence, named.confidence, shown.confidence) == ("medium", "medium", "high")
    assert equal.reason.startswith("Equal in the run-off")
