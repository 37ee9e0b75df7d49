"""Mixes of scaffolds."""

from collections import Counter

import pytest

from agent.scaffolds.mix import Mix


def of(text, count, begun=None):
    return [Mix.parse(text).of(index, begun or {}) for index in range(count)]


def test_numbers_are_trajectories_and_none_leave_that_to_the_configuration():
    assert Mix.parse("tools=6,edit-and-test=2").total(4) == 8
    assert Mix.parse("tools=3").total(4) == 3
    assert Mix.parse("tools, edit-and-test").total(4) == 4
    assert [str(Mix.parse(text)) for text in ("tools=3", "tools=1,x=2", "a,b")] == ["tools=3", "tools=1, x=2", "a, b"]
    with pytest.raises(ValueError, match="a number of trajectories"):
        Mix.parse("tools=1.5")


def test_each_scaffold_has_its_number_spread_over_the_whole():
    made = of("tools=6,edit-and-test=2", 8)
    assert Counter(made) == {"tools": 6, "edit-and-test": 2}
    assert Counter(made[:4]) == {"tools": 3, "edit-and-test": 1}


def test_those_on_record_keep_theirs_and_the_others_make_up_for_it():
    made = of("tools=6,edit-and-test=2", 8, {0: "edit-and-test", 3: "edit-and-test"})
    assert made == ["edit-and-test", "tools", "tools", "edit-and-test", "tools", "tools", "tools", "tools"]
