"""What holds for every rule on any ballot."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from environments.workbench.outcome import Outcome
from selection.rules import NO_PATCH, RULES, finalists
from selection.rules.clusters import cluster_of
from verifiers.ballot import BASE, P_YES, Ballot, Candidate, Entry

scores = st.none() | st.sampled_from([0.0, 0.25, 0.5, 1.0])
FIRST_COUNTS = {"first", "codemonkeys"}
"""Rules whose ties go, by definition, to the first trajectory."""


@st.composite
def ballots(draw) -> Ballot:
    ids = [f"c{i}" for i in range(draw(st.integers(0, 5)))]
    tests = [f"t{i}" for i in range(draw(st.integers(0, 5)))]
    made = [*ids, *draw(st.lists(st.sampled_from([*ids, None]), max_size=4))]
    ending = st.none() | st.sampled_from(tests) if tests else st.none()
    entries = [
        Entry(
            id=f"edit-{i}",
            candidate=c,
            test=draw(ending),
            scores={P_YES: draw(scores)},
            patch_chars=draw(st.integers(0, 3)),
        )
        for i, c in enumerate(made)
    ]
    outcome = st.sampled_from([Outcome.PASS, Outcome.FAIL, Outcome.ERROR])
    measured = [c for c in ids if draw(st.booleans())]
    return Ballot(
        entries=(*entries, Entry(id="test-0", test=draw(ending))),
        candidates=tuple(
            Candidate(id=c, patch="p" * draw(st.integers(1, 3)), cluster=draw(st.sampled_from(["", "x", "y"])))
            for c in ids
        ),
        tests=tuple(tests),
        issue_tests=tuple(tests[: draw(st.integers(0, len(tests)))]),
        outcomes={t: {tree: draw(outcome) for tree in [BASE, *ids]} for t in tests},
        regression_tests=("r", "s"),
        regressions={c: tuple(draw(st.sets(st.sampled_from(["r", "s"])))) for c in measured},
        earned=draw(st.sampled_from([(), (P_YES,), ("pairwise", P_YES)])),
    )


def as_sets(ranking):
    return [Counter(group) for group in ranking]


@settings(max_examples=100, deadline=None)
@given(ballots())
def test_every_rule_ranks_every_candidate_in_one_group_and_is_deterministic(ballot):
    for rule in RULES.values():
        ranking = rule(ballot)
        groups = [set(group) - {NO_PATCH} for group in ranking]
        assert sum(map(len, groups)) == len(set().union(*groups)) == len(ballot.candidates)
        assert all(ranking)
        assert rule(ballot.model_copy(deep=True)) == ranking


@settings(max_examples=100, deadline=None)
@given(ballots(), st.randoms(use_true_random=False))
def test_the_order_of_candidates_and_of_tests_changes_nothing(ballot, shuffle):
    candidates, tests = list(ballot.candidates), list(ballot.tests)
    shuffle.shuffle(candidates)
    shuffle.shuffle(tests)
    shuffled = ballot.model_copy(update={"candidates": tuple(candidates), "tests": tuple(tests)})
    for rule in RULES.values():
        assert rule(shuffled) == rule(ballot)
    assert finalists(shuffled) == finalists(ballot)


@settings(max_examples=100, deadline=None)
@given(ballots(), st.randoms(use_true_random=False))
def test_the_order_of_trajectories_changes_no_group_except_where_first_is_the_rule(ballot, shuffle):
    entries = list(ballot.entries)
    shuffle.shuffle(entries)
    shuffled = ballot.model_copy(update={"entries": tuple(entries)})
    for name, rule in RULES.items():
        if name not in FIRST_COUNTS:
            assert as_sets(rule(shuffled)) == as_sets(rule(ballot)), name


@settings(max_examples=100, deadline=None)
@given(ballots(), st.integers(1, 4))
def test_finalists_are_led_by_the_rule_and_no_two_share_a_cluster(ballot, k):
    chosen = finalists(ballot, k)
    clusters = {c.id: cluster_of(c) for c in ballot.candidates}
    assert len(chosen) <= k
    assert len({clusters[c] for c in chosen}) == len(chosen)
    assert chosen[:1] == tuple(c for group in RULES["runoff"](ballot) for c in group)[:1]
