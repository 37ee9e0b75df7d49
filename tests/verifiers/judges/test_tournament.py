"""The tournament of the judge ``pairwise``, held by simulated judges of known accuracy."""

import math
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifiers.judges.pairwise.tournament import PIVOTS, against, meetings, play, preferred, ring

RIGHT = 0
"""The one right candidate of a simulated task; its judge tells it from any other with a known accuracy."""


def winner(candidates, compare, seed):
    *_, (_, standing) = play(candidates, compare, seed=seed)
    return standing.best(1)[0]


def simulated(accuracy, rng):
    """A judge that is right of (right, wrong) so often, and of two wrong ones says either as often."""

    def compare(first, second):
        p = accuracy if first == RIGHT else 1 - accuracy if second == RIGHT else 0.5
        return preferred(1.0, 0.0) if rng.random() < p else preferred(0.0, 1.0)

    return compare


def rate(candidates, accuracy, trials, seed):
    rng = random.Random(seed)
    won = sum(winner(candidates, simulated(accuracy, rng), rng.random()) == RIGHT for _ in range(trials))
    return won / trials


@settings(max_examples=15, deadline=None)
@given(accuracy=st.floats(0.5, 1), seed=st.integers(0, 10**6))
def test_of_two_the_right_one_wins_as_often_as_two_meetings_say_with_a_tie_for_the_lower_place(accuracy, seed):
    expected, trials = 1 - (1 - accuracy) ** 2, 2000
    spread = math.sqrt(max(expected * (1 - expected), 1e-3) / trials)
    assert rate(2, accuracy, trials, seed) == pytest.approx(expected, abs=5 * spread)


@settings(max_examples=10, deadline=None)
@given(candidates=st.integers(2, 8), seed=st.integers(0, 10**6))
def test_a_judge_that_knows_nothing_picks_the_right_one_as_often_as_chance(candidates, seed):
    # The judge's places are drawn anew: ties go to the lower place, so the right one must not always hold the first.
    rng, trials = random.Random(seed), 1500
    won = 0
    for _ in range(trials):
        place = rng.randrange(candidates)
        won += (
            winner(candidates, lambda first, second: rng.choice([preferred(1, 0), preferred(0, 1)]), rng.random())
            == place
        )
    assert won / trials == pytest.approx(1 / candidates, abs=5 * math.sqrt(0.25 / trials))


@settings(max_examples=30, deadline=None)
@given(candidates=st.integers(2, 20), seed=st.integers(0, 10**6))
def test_a_judge_that_is_always_right_always_picks_the_right_one(candidates, seed):
    def knows(first, second):
        return preferred(*(1.0 if one == RIGHT else 0.0 for one in (first, second)))

    assert winner(candidates, knows, seed) == RIGHT


@pytest.mark.parametrize("candidates", [3, 6, 16])
def test_the_better_the_judge_the_oftener_the_right_one_wins_and_always_oftener_than_by_chance(candidates):
    rates = [rate(candidates, accuracy, 600, 7) for accuracy in (0.55, 0.7, 0.85, 1.0)]
    assert rates == sorted(rates)
    assert rates[0] > 1 / candidates
    assert rates[-1] == 1


@settings(max_examples=60, deadline=None)
@given(candidates=st.integers(1, 40), seed=st.integers(0, 10**6))
def test_a_tournament_takes_as_many_meetings_as_its_formula_says_and_shows_each_first_and_second_alike(
    candidates, seed
):
    met = [pair for pair, _ in play(candidates, lambda first, second: 0.5, seed=seed)]
    assert len(met) == meetings(candidates)
    circle = ring(candidates, seed)
    if candidates > 1:
        assert set(Counter(first for first, _ in circle).values()) == {1}
        assert set(Counter(second for _, second in circle).values()) == {1}
    for pivot in (leaders := sorted({pair[0] for pair in circle})[:PIVOTS]):
        firsts = [pair[0] == pivot for pair in against(candidates, leaders) if pivot in pair and {*pair} - {*leaders}]
        assert abs(2 * sum(firsts) - len(firsts)) <= 1


def test_a_meeting_that_nobody_judged_counts_for_nobody_and_is_no_tie():
    standings = list(play(3, lambda first, second: None if 2 in (first, second) else 0.9, seed=1))
    (*_, (_, last)) = standings
    assert last.score(2) is None
    assert last.score(0) is not None
    assert all(2 not in pair for pair, _ in standings)


@pytest.mark.parametrize("candidates", [2, 3, 4, 5, 9])
@pytest.mark.parametrize("seed", range(5))
def test_nobody_is_asked_the_same_question_twice(candidates, seed):
    met = [pair for pair, _ in play(candidates, lambda first, second: 0.6, seed=seed)]
    assert len(set(met)) == len(met)


@pytest.mark.parametrize("candidates", [2, 3, 4, 5, 8, 16])
@pytest.mark.parametrize("seed", range(5))
def test_nobody_is_shown_first_oftener_than_second_by_more_than_an_odd_meeting(candidates, seed):
    rng = random.Random(seed)
    worth = [rng.random() for _ in range(candidates)]
    met = [pair for pair, _ in play(candidates, lambda one, two: preferred(worth[one], worth[two]), seed=seed)]
    firsts, all_of = Counter(one for one, _ in met), Counter(one for pair in met for one in pair)
    assert all(abs(2 * firsts[one] - all_of[one]) <= 1 for one in range(candidates))


@pytest.mark.parametrize("seed", range(5))
def test_of_two_each_is_shown_first_as_often_as_the_other_and_who_is_first_wins_nothing_by_it(seed):
    *_, (_, standing) = play(2, lambda first, second: 0.9, seed=seed)
    assert [standing.score(one) for one in (0, 1)] == pytest.approx([0.5, 0.5])


def test_the_formula_of_the_docstring():
    assert [meetings(n) for n in (0, 1, 2, 3, 16)] == [0, 0, 2, 6, 45]
