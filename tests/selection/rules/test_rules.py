"""Every rule on hand-made ballots whose answer is known."""

from __future__ import annotations

import pytest
from made_ballots import edit, make, singles

from selection.rules import NO_PATCH, RULES, chosen, finalists
from selection.rules.votes import behaviours, tally
from verifiers.ballot import P_YES, Entry


@pytest.mark.parametrize("name", RULES)
def test_no_trajectory_at_all_ranks_nothing(name):
    assert RULES[name](make([])) == ()


@pytest.mark.parametrize("name", RULES)
def test_trajectories_without_patches_give_no_choice(name):
    ballot = make([edit(0, None), edit(1, None, test="t"), Entry(id="test-0", test="t")], {"t": "F"})
    assert chosen(RULES[name](ballot)) is None
    assert finalists(ballot) == ()


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("count", [1, 2, 3, 26])
def test_without_any_evidence_every_candidate_is_ranked_and_the_first_is_taken(name, count):
    ranking = RULES[name](make(singles(count), patches={f"c{i}": "same length" for i in range(count)}))
    assert sorted(c for group in ranking for c in group) == sorted(f"c{i}" for i in range(count))
    assert chosen(ranking) == "c0"


def test_first_takes_the_first_trajectory_that_has_a_patch():
    assert RULES["first"](make([edit(0, None), edit(1, "b"), edit(2, "a"), edit(3, "b")])) == (("b",), ("a",))


def test_random_weighs_by_trajectory_and_counts_empty_ones_but_no_test_trajectory():
    ballot = make([edit(0, "a"), edit(1, None), edit(2, "a"), Entry(id="test-0", test="t")])
    assert RULES["random"](ballot) == (("a", NO_PATCH, "a"),)


def test_majority_counts_trajectories_per_cluster():
    entries = [edit(0, "a"), edit(1, "b"), edit(2, "c"), edit(3, "d"), edit(4, "d")]
    ballot = make(entries, clusters={"b": "x", "c": "x"})
    assert RULES["majority"](ballot) == (("b", "c", "d", "d"), ("a",))


class TestCodemonkeys:
    def test_duplicates_own_tests_and_tests_of_machines_without_a_patch_vote_whatever_the_base_did(self):
        entries = [edit(0, "a", test="own"), edit(1, "b", test="dup"), edit(2, None, test="dup")]
        entries.append(Entry(id="test-0", test="passes-on-base"))
        grid = {"own": "FPF", "dup": "EFP", "passes-on-base": "PFP", "nobody's": "FPF"}
        assert RULES["codemonkeys"](make(entries, grid)) == (("b",), ("a",))

    def test_only_exit_zero_counts(self):
        grid = {"t1": "FEP", "t2": "FTF", "t3": "FKF"}
        entries = [edit(0, "a", test="t1"), edit(1, "b", test="t2"), edit(2, None, test="t3")]
        assert RULES["codemonkeys"](make(entries, grid)) == (("b",), ("a",))

    def test_ties_go_to_the_shorter_diff_then_to_the_first(self):
        entries = [edit(0, "a", patch_chars=9), edit(1, "b", patch_chars=5), edit(2, "c", patch_chars=5)]
        assert RULES["codemonkeys"](make(entries)) == (("b",), ("c",), ("a",))

    def test_a_candidate_is_ranked_by_its_shortest_diff_and_once(self):
        entries = [edit(0, "a", patch_chars=9), edit(1, "b", patch_chars=7), edit(2, "a", patch_chars=5)]
        assert RULES["codemonkeys"](make(entries)) == (("a",), ("b",))


class TestVotes:
    def test_only_reproducing_tests_vote(self):
        grid = {"reproduces": "FFP", "passes": "PPF", "errors": "EPF", "flaky": "KPF"}
        assert RULES["votes"](make(singles(2), grid)) == (("c1",), ("c0",))

    def test_tests_that_do_the_same_have_one_vote(self):
        grid = {"t1": "FPFF", "t2": "FPFF", "t3": "FPEF", "t4": "FFPF", "t5": "FFPP"}
        ballot = make(singles(3), grid)
        assert behaviours(ballot) == (("t1", "t2"), ("t3",), ("t4",), ("t5",))
        assert tally(ballot) == {"c0": 2, "c1": 2, "c2": 1}

    def test_own_tests_are_capped_however_many(self):
        entries = [edit(0, "a", test="t0"), edit(1, "a", test="t1"), edit(2, "a", test="t2"), edit(3, "b")]
        entries += [Entry(id="test-0", test="t3")]
        grid = {"t0": "FPF", "t1": "FPE", "t2": "FPT", "t3": "FFP"}
        assert tally(make(entries, grid)) == {"a": 1, "b": 1}

    def test_a_test_shared_with_another_author_is_not_an_own_test(self):
        entries = [edit(0, "a", test="t0"), edit(1, "a", test="t1"), edit(2, "b", test="t1"), edit(3, "a", test="t2")]
        grid = {"t0": "FPF", "t1": "FPE", "t2": "FPT"}
        assert tally(make(entries, grid)) == {"a": 2, "b": 0}

    def test_a_trajectory_that_ends_with_an_example_of_the_issue_does_not_own_it(self):
        entries = [edit(0, "a", test="example"), edit(1, "a", test="own")]
        ballot = make(entries, {"example": "FP", "own": "FP"}, issue_tests=("example",))
        assert tally(ballot) == {"a": 1}
        other = make([*entries, edit(2, "b")], {"example": "FPF", "own": "FPE"}, issue_tests=("example",))
        assert tally(other) == {"a": 2, "b": 0}


TWO_VOTES_FOR_C0 = {"t1": "FPF", "t2": "FPE"}
TWO_VOTES_FOR_C1 = {"t1": "FFP", "t2": "FEP"}


class TestRegressionThenVotes:
    def test_one_regression_outweighs_every_vote(self):
        ballot = make(singles(2), TWO_VOTES_FOR_C0, regression_tests=("r",), regressions={"c0": ("r",), "c1": ()})
        assert RULES["regression-then-votes"](ballot) == (("c1",), ("c0",))

    def test_where_none_is_clean_the_fewest_lead(self):
        broken = {"c0": ("r", "s"), "c1": ("r",)}
        ballot = make(singles(2), TWO_VOTES_FOR_C0, regression_tests=("r", "s"), regressions=broken)
        assert RULES["regression-then-votes"](ballot) == (("c1",), ("c0",))

    def test_without_regressions_the_votes_decide(self):
        assert RULES["regression-then-votes"](make(singles(2), TWO_VOTES_FOR_C0)) == (("c0",), ("c1",))

    def test_a_candidate_on_which_the_suite_was_not_run_is_behind_clean_ones_and_before_broken_ones(self):
        for name in ("regression-then-votes", "runoff"):
            broken = make(singles(2), TWO_VOTES_FOR_C1, regression_tests=("r",), regressions={"c1": ("r",)})
            assert RULES[name](broken) == (("c0",), ("c1",))
            clean = make(singles(2), TWO_VOTES_FOR_C0, regression_tests=("r",), regressions={"c1": ()})
            assert RULES[name](clean) == (("c1",), ("c0",))


class TestJudge:
    def test_a_candidate_has_the_mean_of_its_trajectories_and_a_missing_score_is_left_out(self):
        entries = [edit(0, "a", ef=0.9), edit(1, "a", ef=0.1), edit(2, "b", ef=0.6), edit(3, "b"), edit(4, "c")]
        assert RULES["judge"](make(entries)) == (("b",), ("a",), ("c",))

    def test_all_missing_ties_all(self):
        assert RULES["judge"](make(singles(3))) == (("c0", "c1", "c2"),)

    def test_zero_is_a_score_and_ranks_above_missing(self):
        assert RULES["judge"](make([edit(0, "a"), edit(1, "b", ef=0.0)])) == (("b",), ("a",))


class TestR2EHybrid:
    def test_a_candidate_beyond_the_cut_cannot_win_by_tests(self):
        entries = [edit(i, f"c{i}", ef=ef) for i, ef in enumerate([0.9, 0.8, 0.7, 0.1])]
        ranking = RULES["r2e-hybrid"](make(entries, {"t": "FFFFP"}))
        assert ranking == (("c0",), ("c1",), ("c2",), ("c3",))

    def test_ties_at_the_cut_all_stay(self):
        entries = [edit(i, f"c{i}", ef=ef) for i, ef in enumerate([0.9, 0.8, 0.7, 0.7])]
        assert RULES["r2e-hybrid"](make(entries, {"t": "FFFFP"}))[0] == ("c3",)

    def test_half_of_a_larger_pool_goes_on(self):
        entries = [edit(i, f"c{i}", ef=1 - i / 100) for i in range(26)]
        inside = make(entries, {"t": "F" + "F" * 12 + "P" + "F" * 13})
        beyond = make(entries, {"t": "F" + "F" * 13 + "P" + "F" * 12})
        assert RULES["r2e-hybrid"](inside)[0] == ("c12",)
        assert RULES["r2e-hybrid"](beyond)[0] == ("c0",)

    def test_all_missing_skips_the_cut_and_one_missing_ranks_last(self):
        grid = {"t": "FFFFP"}
        assert RULES["r2e-hybrid"](make(singles(4), grid))[0] == ("c3",)
        scored = [edit(0, "c0", ef=0.3), edit(1, "c1", ef=0.2), edit(2, "c2", ef=0.1), edit(3, "c3")]
        assert RULES["r2e-hybrid"](make(scored, grid))[0] == ("c0",)

    def test_regression_then_tests_of_any_base_outcome_then_judge(self):
        entries = [edit(0, "a", ef=0.9), edit(1, "b", ef=0.5), edit(2, "c", ef=0.4)]
        broken = {"a": ("r",), "b": (), "c": ()}
        even = make(entries, {"t1": "PPPP", "t2": "EPFF"}, regression_tests=("r",), regressions=broken)
        assert RULES["r2e-hybrid"](even) == (("b",), ("c",), ("a",))
        told_apart = make(entries, {"t1": "PPFP"}, regression_tests=("r",), regressions=broken)
        assert RULES["r2e-hybrid"](told_apart) == (("c",), ("b",), ("a",))

    def test_a_tie_is_averaged_over_trajectories(self):
        entries = [edit(0, "a", ef=0.5), edit(1, "b", ef=0.5), edit(2, "a", ef=0.5)]
        assert RULES["r2e-hybrid"](make(entries)) == (("a", "b", "a"),)

    def test_a_candidate_stands_with_its_best_trajectory(self):
        entries = [edit(0, "a", ef=0.2), edit(1, "b", ef=0.5), edit(2, "a", ef=0.8)]
        assert RULES["r2e-hybrid"](make(entries)) == (("a",), ("b",))


class TestRunoff:
    def test_gates_then_examples_then_votes(self):
        grid = {"example": "FPPF", "t1": "FFPF", "t2": "FFFP", "t3": "FFEP"}
        ballot = make(singles(3), grid, issue_tests=("example",))
        assert RULES["runoff"](ballot) == (("c1",), ("c0",), ("c2",))
        broken = {"c0": (), "c1": ("r",), "c2": ("r",)}
        gated = ballot.model_copy(update={"regression_tests": ("r",), "regressions": broken})
        assert RULES["runoff"](gated) == (("c0",), ("c1",), ("c2",))

    def test_an_example_that_does_not_reproduce_says_nothing(self):
        ballot = make(singles(2), {"example": "PPF", "t1": "FFP"}, issue_tests=("example",))
        assert RULES["runoff"](ballot)[0] == ("c1",)

    def test_agreement_breaks_a_tie_of_votes_and_the_simplest_member_stands_for_its_cluster(self):
        patches = {"a": "-", "b": "long patch", "c": "patch"}
        entries = [edit(0, "a"), edit(1, "b"), edit(2, "c")]
        ballot = make(entries, clusters={"b": "x", "c": "x"}, patches=patches)
        assert RULES["runoff"](ballot) == (("c",), ("b",), ("a",))

    def test_the_judge_has_a_say_only_where_it_has_shown_its_worth(self):
        entries = [edit(0, "a", ef=0.1), edit(1, "b", ef=0.9)]
        patches = {"a": "short", "b": "longer patch"}
        assert RULES["runoff"](make(entries, patches=patches)) == (("a",), ("b",))
        assert RULES["runoff"](make(entries, patches=patches, earned=(P_YES,))) == (("b",), ("a",))

    def test_finalists_come_one_from_each_cluster(self):
        patches = {f"c{i}": "p" * (i + 1) for i in range(6)}
        ballot = make(singles(6), clusters={"c0": "x", "c1": "x"}, patches=patches)
        assert finalists(ballot) == ("c0", "c2", "c3")
        assert finalists(ballot, k=1) == ("c0",)

    def test_finalists_have_passed_the_regression_gate(self):
        broken = {"c0": ("r",), "c1": (), "c2": ()}
        ballot = make(singles(4), regression_tests=("r",), regressions=broken)
        assert finalists(ballot) == ("c1", "c2")
        none_clean = {"c0": ("r", "s"), "c1": ("s",)}
        fallback = make(singles(2), regression_tests=("r", "s"), regressions=none_clean)
        assert finalists(fallback) == ("c1",)


def test_a_left_out_machine_takes_its_test_with_it():
    entries = [edit(0, "a"), edit(1, "b"), edit(2, None, test="t")]
    ballot = make(entries, {"t": "FFP"}, patches={"a": "short", "b": "longer"})
    assert chosen(RULES["votes"](ballot)) == "b"
    assert chosen(RULES["votes"](ballot.without({"edit-2"}))) == "a"
