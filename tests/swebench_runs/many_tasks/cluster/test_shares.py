"""The run's budget is a ceiling on a cluster too: what is given out and spent never passes it."""

import pytest

from agent.trajectory.budget import Amount, FixedCeilings
from swebench_runs.errors import RunoffError
from swebench_runs.many_tasks.cluster.shares import Shares


def test_what_is_left_is_shared_out_evenly_and_what_a_task_leaves_goes_to_later_ones():
    shares = Shares(FixedCeilings(cost=12.0, tokens=1200), Amount(tokens=200))
    first = shares.give("a", waiting=3)
    assert (first.cost, first.tokens, first.turns) == (3.0, 250, None)
    assert shares.give("b", waiting=2).cost == 3.0
    shares.take_back("a", Amount(cost=1.0))
    assert shares.give("c", waiting=1).cost == pytest.approx((12 - 1 - 3) / 2)


def test_given_shares_and_what_was_spent_never_pass_the_ceiling():
    shares, given = Shares(FixedCeilings(cost=10.0), Amount(cost=4.0)), 0.0
    for number in range(5):
        given += shares.give(str(number), waiting=4 - number).cost
    assert given == pytest.approx(6.0)
    with pytest.raises(RunoffError, match="the run's budget is used up"):
        shares.give("late", waiting=0)


def test_what_a_task_has_on_record_is_nobody_else_s_to_spend_and_is_no_part_of_what_it_is_given():
    shares = Shares(FixedCeilings(turns=10), Amount(turns=6))
    shares.count("a", Amount(turns=4))
    assert shares.give("b", waiting=1).turns == 2
    assert shares.give("a", waiting=0).turns == 4 + 2
    shares.take_back("b", Amount(turns=2))
    shares.take_back("a", Amount(turns=6))
    assert shares.give("a", waiting=0).turns == 6  # nothing is left, and its answers decide it
    with pytest.raises(RunoffError, match="the run's budget is used up"):
        shares.give("c", waiting=0)


def test_seconds_are_a_deadline_that_all_share():
    now = [0.0]
    shares = Shares(FixedCeilings(seconds=60.0), Amount(), clock=lambda: now[0])
    assert shares.give("a", waiting=9).seconds == 60.0
    now[0] = 45.0
    assert shares.give("b", waiting=9).seconds == 15.0
    now[0] = 60.0
    with pytest.raises(RunoffError, match=r"limits\.run"):
        shares.give("c", waiting=9)


def test_a_task_that_is_tried_again_is_counted_once_and_may_spend_its_share_beside_what_it_has_spent():
    shares = Shares(FixedCeilings(turns=10), Amount())
    assert shares.give("a", waiting=1).turns == 5
    shares.take_back("a", Amount(turns=4))  # the machine failed it
    assert shares.give("a", waiting=1).turns == 4 + 3  # what is on record is charged to it again
    assert shares.give("b", waiting=0).turns == 3
    shares.take_back("a", Amount())  # failed once more, before its records were read
    shares.take_back("b", Amount(turns=2))
    assert shares.give("c", waiting=0).turns == 10 - 4 - 2
