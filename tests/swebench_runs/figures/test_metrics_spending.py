from __future__ import annotations

from agent.models.contract import Usage
from swebench_runs.figures.metrics.bootstrap import Resampler
from swebench_runs.figures.metrics.spending import Spent, of_run, spending, total


def spent(stage: str, tokens: int, **more) -> Spent:
    return Spent(stage=stage, trajectories=1, calls=1, usage=Usage(prompt_tokens=tokens), **more)


def test_every_stage_counts_in_order_and_single_calls_stand_apart():
    tasks = [
        (spent("edits", 60), spent("singles", 500)),
        (spent("tests", 10), spent("edits", 20), spent("judge", 6), spent("runoff", 4), spent("singles", 500)),
    ]
    stages = spending(tasks, Resampler.of(["a", "b"], seed=0))
    assert [one.spent.stage for one in stages] == ["tests", "edits", "judge", "runoff", "singles"]
    assert [one.share for one in stages] == [0.1, 0.8, 0.06, 0.04, None]
    assert stages[1].tokens_per_task.value == 40
    assert of_run([part for task in tasks for part in task]).tokens == 100


def test_an_unknown_price_is_never_nothing():
    assert total([spent("edits", 1, cost=0.5), spent("judge", 1, cost=None)]).cost is None
    assert total([spent("edits", 1, cost=0.5), spent("judge", 1, cost=0.25)]).cost == 0.75
    assert total([]).cost == 0.0


def test_useless_answers_are_added_by_their_kind():
    parts = [spent("edits", 1, answers={"cut": 2}), spent("tests", 1, answers={"cut": 1, "empty": 1})]
    assert total(parts).answers == {"cut": 3, "empty": 1}


def test_a_run_that_spent_nothing_has_no_shares():
    (one,) = spending([(Spent(stage="context", wall_seconds=2.0),)], Resampler.of(["a"], seed=0))
    assert (one.share, one.spent.wall_seconds) == (None, 2.0)
