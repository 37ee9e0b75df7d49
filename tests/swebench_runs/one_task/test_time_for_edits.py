"""Editing goes on into the time that is kept for choosing, as long as there is nothing to choose."""

import pytest

from agent.trajectory.budget import BudgetExceeded, FixedCeilings, Ledger
from swebench_runs.one_task.time_for_edits import KEPT, lengthened


def test_the_time_kept_for_choosing_is_used_while_there_is_no_patch():
    now, made = [0.0], []
    task = Ledger(FixedCeilings(seconds=300, turns=9), clock=lambda: now[0])
    now[0] = 10.0
    stage = lengthened(task.stage(KEPT), 300, lambda: bool(made))
    trajectory = stage.child()
    assert round(trajectory.seconds_left()) == 275
    now[0] = 250.0
    with trajectory.reserve(1, 1, 1, None):
        pass
    made.append("a patch")
    assert trajectory.seconds_left() == 0
    with pytest.raises(BudgetExceeded):
        trajectory.reserve(1, 1, 1, None)
    made.clear()
    now[0] = 286.0
    with pytest.raises(BudgetExceeded):
        trajectory.reserve(1, 1, 1, None)


def test_without_a_limit_of_time_nothing_changes():
    stage = lengthened(Ledger(FixedCeilings(turns=10)).stage(KEPT), None, lambda: False)
    assert stage.limits.seconds is None
    assert stage.limits.turns == 7
