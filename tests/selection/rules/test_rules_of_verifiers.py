"""EB, EF, weighed votes, the joint estimate, and waivers of the gate, on hand-made ballots."""

from __future__ import annotations

import pytest
from made_ballots import edit, make, singles

from selection.decision import decide
from selection.rules import RULES
from selection.rules.evidence import regression_count
from selection.rules.weighted_votes import probabilities
from verifiers.ballot import Entry


def group(name, ballot):
    return RULES[name](ballot)


class TestEb:
    def test_most_generated_tests_win_among_those_that_break_least_and_all_others_have_nothing(self):
        ballot = make(
            singles(4),
            {"t": "FPPFP", "u": "PPFFP"},
            regression_tests=("r", "s"),
            regressions={"c0": ("r",), "c1": (), "c2": (), "c3": ("r", "s")},
        )
        assert group("eb", ballot) == (("c1",), ("c0", "c2", "c3"))

    def test_tests_that_do_not_reproduce_count_as_published(self):
        assert group("eb", make(singles(2), {"t": "PPF"})) == (("c0",), ("c1",))

    def test_a_candidate_counts_once_for_each_trajectory_in_a_tie(self):
        assert group("eb", make([edit(0, "a"), edit(1, "b"), edit(2, "a")], {"t": "FPP"})) == (("a", "b", "a"),)


class TestEf:
    def test_the_score_alone_orders_and_missing_comes_last(self):
        assert group("ef", make([edit(0, "a", 0.2), edit(1, "b"), edit(2, "c", 0.9)])) == (("c",), ("a",), ("b",))

    def test_a_trained_verifier_s_score_stands_above_any_model_s_word(self):
        entries = [
            Entry(id="edit-0", candidate="a", scores={"p-yes": 0.9, "r2e-verifier": 0.1}),
            Entry(id="edit-1", candidate="b", scores={"p-yes": 0.1, "r2e-verifier": 0.8}),
        ]
        assert group("ef", make(entries)) == (("b",), ("a",))
        assert group("r2e-hybrid", make(entries)) == (("b",), ("a",))


class TestJudge:
    def test_the_best_that_earned_a_say_is_listened_to(self):
        entries = [
            Entry(id="edit-0", candidate="a", scores={"p-yes": 0.9, "pairwise": 0.1}),
            Entry(id="edit-1", candidate="b", scores={"p-yes": 0.1, "pairwise": 0.8}),
        ]
        patches = {"a": "short", "b": "much longer"}
        assert group("judge", make(entries)) == (("a",), ("b",))
        assert group("judge", make(entries, earned=("rubric", "pairwise", "p-yes"))) == (("b",), ("a",))
        assert group("runoff", make(entries, patches=patches)) == (("a",), ("b",)), "nobody earned a say: the shorter"
        assert group("runoff", make(entries, patches=patches, earned=("pairwise",))) == (("b",), ("a",))


class TestWeightedVotes:
    def test_a_test_that_halves_the_field_outweighs_one_that_a_single_trajectory_passes(self):
        ballot = make(singles(5), {"half": "FPPFFF", "lone": "FFFFFP"}, issue_tests=("half", "lone"))
        first, *_ = group("weighted-votes", ballot)
        assert first == ("c0", "c1")
        assert group("votes", ballot)[0] == ("c0", "c1", "c4"), "counted alike"

    def test_tests_that_all_pass_or_none_say_nothing(self):
        ballot = make(singles(2), {"all": "FPP", "none": "FFF"}, issue_tests=("all", "none"))
        assert group("weighted-votes", ballot) == (("c0", "c1"),)

    def test_own_tests_have_one_vote_at_most(self):
        entries = [edit(0, "a", test="t"), edit(1, "a", test="u"), edit(2, "b"), edit(3, "b")]
        ballot = make(entries, {"t": "FPF", "u": "FPE", "x": "FFP"}, issue_tests=("x",))
        assert group("weighted-votes", ballot) == (("a", "b"),)

    def test_the_gate_stands_above_votes(self):
        ballot = make(singles(2), {"t": "FPF"}, issue_tests=("t",), regression_tests=("r",))
        broken = ballot.model_copy(update={"regressions": {"c0": ("r",), "c1": ()}})
        for name in ("weighted-votes", "dawid-skene"):
            assert group(name, ballot)[0] == ("c0",)
            assert group(name, broken)[0] == ("c1",)


class TestDawidSkene:
    def test_tests_that_agree_outvote_one_that_contradicts_them(self):
        ballot = make(singles(4), {"a": "FPPFF", "b": "FPPFE", "odd": "FFFPF"}, issue_tests=("a", "b", "odd"))
        found = probabilities(ballot)
        assert found["c0"] == found["c1"] > 1 / 3 > 3 * found["c2"] > found["c3"]
        assert group("dawid-skene", ballot)[0] == ("c0", "c1")

    def test_one_test_or_a_pool_where_nobody_passes_is_no_certainty(self):
        one = probabilities(make(singles(3), {"t": "FPFF"}, issue_tests=("t",)))
        none = probabilities(make(singles(3), {"t": "FFFF"}, issue_tests=("t",)))
        assert 1 / 3 < one["c0"] < 0.9
        assert 0.05 < one["c1"] < one["c0"] / 2
        assert all(0.01 < p < 1 / 3 for p in none.values())

    def test_a_trajectory_s_own_word_for_itself_is_no_witness(self):
        entries = [edit(0, "a", test="t"), edit(1, "b")]
        found = probabilities(make(entries, {"t": "FPF"}))
        assert found["a"] == found["b"] == pytest.approx(1 / 3)


class TestWaivers:
    BALLOT = make(
        singles(2),
        {"t": "FPP"},
        issue_tests=("t",),
        regression_tests=("r", "s"),
        regressions={"c0": ("r",), "c1": ("r", "s")},
        waivers={"c0": {"r": "r should go"}, "c1": {"r": "r should go"}},
    )

    def test_what_the_issue_asks_to_break_is_no_regression_and_stands_below_none_at_all(self):
        clean = self.BALLOT.model_copy(update={"regressions": {"c0": ("r",), "c1": ()}})
        unmeasured = self.BALLOT.model_copy(update={"regressions": {"c0": ("r",)}})
        assert [regression_count(self.BALLOT, one) for one in ("c0", "c1")] == [pytest.approx(0.25), 1]
        assert group("regression-then-votes", clean)[0] == ("c1",)
        assert group("regression-then-votes", unmeasured)[0] == ("c0",)

    def test_the_decision_stands_by_it_with_the_issue_s_own_words_and_low_confidence(self):
        decision = decide(self.BALLOT, RULES["runoff"](self.BALLOT))
        assert (decision.candidate, decision.abstained, decision.confidence) == ("c0", False, "low")
        assert "breaks 1 existing test as the issue asks ('r should go')" in decision.reason
        assert (decision.evidence.gate, decision.evidence.regressions) == ("waived", ())
        without = self.BALLOT.model_copy(update={"waivers": {}})
        assert decide(without, RULES["runoff"](without)).abstained

    def test_rules_of_papers_count_what_was_run(self):
        assert group("eb", self.BALLOT)[0] == ("c0",)
        equal = self.BALLOT.model_copy(update={"regressions": {"c0": ("r",), "c1": ()}})
        assert group("eb", equal)[0] == ("c1",)
