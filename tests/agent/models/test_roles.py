"""Pools of models: how they are written, and who is drawn."""

from collections import Counter

import pytest

from agent.models.roles import Pool


@pytest.mark.parametrize(
    ("text", "weights", "spelt"),
    [
        ("local", {"local": 1}, "local"),
        ("local=3", {"local": 3}, "local"),
        ("a , b=2", {"a": 1, "b": 2}, "a, b=2"),
        ("a=0.5,b,a", {"a": 1.5, "b": 1}, "a=1.5, b"),
        ("bedrock/x=y", {"bedrock/x=y": 1}, "bedrock/x=y"),
    ],
)
def test_a_pool_is_read_and_spelt_in_one_way(text, weights, spelt):
    assert Pool.parse(text).weights == weights
    assert str(Pool.parse(text)) == spelt
    assert Pool.parse(spelt).names == Pool.parse(text).names


@pytest.mark.parametrize("text", ["", "a,", "a=0", "a=-1", "a=nan", "a=inf", "=2", "a=1e9"])
def test_what_is_no_pool_is_refused_in_one_line(text):
    with pytest.raises(ValueError, match=r"names nothing|a weight is a number") as told:
        Pool.parse(text)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(("text", "share"), [("a, b", (5, 5)), ("a, b=4", (2, 8)), ("a=7, b=3", (7, 3))])
@pytest.mark.parametrize("seed", range(5))
def test_each_is_drawn_as_often_as_its_weight_says_at_every_point(text, share, seed):
    pool = Pool.parse(text)
    drawn = [pool.draw(index, seed) for index in range(10)]
    assert (Counter(drawn)["a"], Counter(drawn)["b"]) == share
    for number in range(1, 11):
        assert abs(drawn[:number].count("a") - share[0] * number / 10) < 1
    assert drawn == [pool.draw(index, seed) for index in range(10)]


def test_equal_weights_meet_every_temperature():
    pool = Pool.parse("a, b")
    met = {(pool.draw(index, 0), index % 4) for index in range(24)}
    assert len(met) == 8


def test_the_seed_decides_where_two_are_as_far_behind():
    assert len({Pool.parse("a, b").draw(0, seed) for seed in range(8)}) == 2


def test_the_one_with_the_most_weight_plays_what_has_no_pool():
    assert Pool.parse("a, b=2, c=2").first == "b"
    assert Pool.parse("a, b").first == "a"
