from __future__ import annotations

import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.workbench.outcome import Outcome
from selection.rules import NO_PATCH, RULES
from swebench_runs.figures.metrics.estimators import (
    MAX_SUBSETS,
    MIN_SUBSETS,
    Chances,
    best_at_k,
    expected,
    oracle_at_k,
    pass_at_1,
)
from swebench_runs.figures.metrics.graded import GradedTask
from verifiers.ballot import BASE, Ballot, Candidate, Entry


def task(grades: list[bool | None], *, asked: int | None = None, name: str = "x__1") -> GradedTask:
    """One trajectory per grade with a patch of its own; None: it has no patch."""
    made = [f"c{i}" for i, grade in enumerate(grades) if grade is not None]
    return GradedTask(
        instance_id=name,
        kind="example",
        cluster="x",
        asked=len(grades) if asked is None else asked,
        ballot=Ballot(
            entries=tuple(
                Entry(id=f"edit-{i}", candidate=None if grade is None else f"c{i}", patch_chars=1)
                for i, grade in enumerate(grades)
            ),
            candidates=tuple(Candidate(id=c, patch=c) for c in made),
            tests=(),
            outcomes={},
        ),
        resolved={f"c{i}": bool(grade) for i, grade in enumerate(grades) if grade is not None},
    )


def omniscient(graded: GradedTask):
    def rule(ballot):
        return tuple((c.id,) for c in sorted(ballot.candidates, key=lambda c: not graded.right(c.id)))

    return rule


@pytest.mark.parametrize(
    ("n", "c", "k", "value"),
    [(4, 1, 2, 0.5), (4, 1, 1, 0.25), (4, 2, 4, 1.0), (4, 0, 3, 0.0), (5, 2, 2, 0.7), (1, 1, 1, 1.0)],
)
def test_oracle_at_k_on_known_cases(n, c, k, value):
    assert oracle_at_k(n, c, k) == pytest.approx(value)


@given(st.lists(st.booleans(), min_size=1, max_size=7), st.data())
def test_oracle_at_k_is_the_mean_over_all_subsets(grades, data):
    k = data.draw(st.integers(1, len(grades)))
    subsets = list(combinations(grades, k))
    assert oracle_at_k(len(grades), sum(grades), k) == pytest.approx(sum(map(any, subsets)) / len(subsets))


@pytest.mark.parametrize("k", [0, 5])
def test_oracle_at_k_refuses_a_k_that_no_subset_has(k):
    with pytest.raises(ValueError, match="not within"):
        oracle_at_k(4, 1, k)


def test_empty_and_absent_trajectories_are_failed_ones():
    assert pass_at_1(task([True, None, False, None])) == 0.25
    assert pass_at_1(task([True, True], asked=4)) == 0.5
    assert pass_at_1(task([], asked=4)) == 0.0


@given(st.lists(st.sampled_from([True, False, None]), max_size=5), st.integers(0, 2), st.data())
def test_random_is_pass_at_1_at_every_k_and_omniscience_is_the_oracle(grades, absent, data):
    graded = task(grades, asked=len(grades) + absent)
    if not graded.asked:
        return
    k = data.draw(st.integers(1, graded.asked))
    best = best_at_k(graded, {"random": RULES["random"], "oracle": omniscient(graded)}, k, seed=0)
    assert best["random"] == pytest.approx(pass_at_1(graded))
    assert best["oracle"] == pytest.approx(oracle_at_k(graded.attempts, graded.successes, k))


def test_sampled_subsets_come_close_to_the_exact_value_and_repeat_with_the_seed():
    graded = task([i < 3 for i in range(20)])
    rules = {"oracle": omniscient(graded)}
    first = best_at_k(graded, rules, 5, seed=1)
    assert math.comb(20, 5) > 1000
    assert first["oracle"] == pytest.approx(oracle_at_k(20, 3, 5), abs=0.06)
    assert best_at_k(graded, rules, 5, seed=1) == first
    assert best_at_k(graded, rules, 5, seed=2) != first


def test_a_left_out_trajectory_takes_its_test_along():
    entries = (Entry(id="edit-0", candidate="a"), Entry(id="edit-1", candidate="b"))
    witness = Entry(id="edit-2", test="t")
    ballot = Ballot(
        entries=(*entries, witness),
        candidates=(Candidate(id="a", patch="a"), Candidate(id="b", patch="b")),
        tests=("t",),
        outcomes={"t": {BASE: Outcome.FAIL, "a": Outcome.FAIL, "b": Outcome.PASS}},
    )
    graded = GradedTask(instance_id="x", kind="prose", cluster="x", asked=3, ballot=ballot, resolved={"b": True})
    # Of the pairs: (a, b) without the test is a tie, (a, t) is wrong, (b, t) is right; all three are right.
    assert best_at_k(graded, {"votes": RULES["votes"]}, 2, seed=0)["votes"] == pytest.approx(0.5)
    assert best_at_k(graded, {"votes": RULES["votes"]}, 3, seed=0)["votes"] == 1.0


def test_a_tie_is_worth_its_mean_by_weight():
    graded = task([True, False])
    assert expected(graded, (("c0", "c1", "c1"), ("c0",))) == pytest.approx(1 / 3)
    assert expected(graded, (("c0", NO_PATCH),)) == 0.5
    assert expected(graded, ()) == 0.0


def test_a_task_is_worked_out_once_and_the_more_tasks_the_fewer_subsets():
    asked = []

    def rule(ballot):
        asked.append(ballot)
        return RULES["first"](ballot)

    chances = Chances.over(1, {"rule": rule}, seed=0)
    graded = task([True, False, False])
    assert chances.of(graded, 2) == chances.of(graded, 2) == best_at_k(graded, {"rule": RULES["first"]}, 2, seed=0)
    assert len(asked) == 3
    assert Chances.over(7, {}, seed=0).most == MAX_SUBSETS
    assert Chances.over(72, {}, seed=0).most == 100
    assert Chances.over(100_000, {}, seed=0).most == MIN_SUBSETS
