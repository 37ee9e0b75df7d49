"""What makes the item beside mini-swe-agent fail: each target, by itself."""

import copy

import pytest

from acceptance.agents.beside_mini import judge
from acceptance.record import Record
from swebench_runs.bench.agents.sides import MINI, RUNOFF

GOOD = {
    "per_step": {RUNOFF: {"own": {"p50_ms": 1.9}}, MINI: {"own": {"p50_ms": 3.8}}},
    "curve": {RUNOFF: {"last_to_first": 1.1}},
    "memory": {name: {"bytes_each": 500_000} for name in (RUNOFF, MINI)},
    "live": {name: {"count": 500, "live_at_once": 500, "handed_in": 500, "seconds": 10.0} for name in (RUNOFF, MINI)},
    "targets": {"own_p50_ms": 2.0, "bytes_each": 2_000_000},
}
BAD = {
    "at most 2 ms": ("per_step", RUNOFF, "own", "p50_ms", 2.1),
    "flat": ("curve", RUNOFF, "last_to_first", 1.6),
    "memory": ("memory", RUNOFF, "bytes_each", 2_000_001),
    "live": ("live", RUNOFF, "live_at_once", 499),
    "handed": ("live", RUNOFF, "handed_in", 499),
}


def judged(figures):
    record = Record("agents", n=1, unit="steps")
    judge(record, figures)
    return record


def test_a_good_measurement_passes_and_tells_its_ratios():
    record = judged(GOOD)
    assert record.passed
    assert record.figures["ratios"]["own_p50_mini_to_runoff"] == 2.0


@pytest.mark.parametrize("what", BAD)
def test_each_target_that_is_missed_is_the_one_shortfall(what):
    figures = copy.deepcopy(GOOD)
    *path, last, value = BAD[what]
    place = figures
    for key in path:
        place = place[key]
    place[last] = value
    (shortfall,) = judged(figures).shortfalls
    assert what in shortfall
