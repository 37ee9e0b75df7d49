from __future__ import annotations

import numpy as np
import pytest

from swebench_runs.figures.metrics.bootstrap import Resampler


def test_an_interval_of_independent_tasks_is_the_normal_one():
    values = np.array([1.0] * 60 + [0.0] * 140)
    estimate = Resampler.of([str(i) for i in range(200)], seed=0).mean(values)
    half = 1.96 * np.sqrt(0.3 * 0.7 / 200)
    assert estimate.value == pytest.approx(0.3)
    assert estimate.low == pytest.approx(0.3 - half, abs=0.012)
    assert estimate.high == pytest.approx(0.3 + half, abs=0.012)
    assert (estimate.n, estimate.clusters, estimate.undefined) == (200, 200, 0.0)


def test_copies_of_a_task_in_its_cluster_add_nothing():
    values = np.array([1.0, 0.0, 0.0, 1.0, 0.0, 0.5])
    names = list("abcdef")
    once = Resampler.of(names, seed=3).mean(values)
    copied = Resampler.of(names * 5, seed=3).mean(np.tile(values, 5))
    assert copied.low == pytest.approx(once.low)
    assert copied.high == pytest.approx(once.high)
    independent = Resampler.of([str(i) for i in range(30)], seed=3).mean(np.tile(values, 5))
    assert independent.high - independent.low < 0.6 * (once.high - once.low)


def test_a_cluster_weighs_by_its_tasks():
    estimate = Resampler.of(["a", "a", "a", "b"], seed=0).mean(np.array([1.0, 1.0, 1.0, 0.0]))
    assert estimate.value == 0.75
    assert (estimate.low, estimate.high) == (0.0, 1.0)


def test_a_ratio_is_taken_of_sums_and_undefined_where_the_lower_sum_is_nothing():
    resampler = Resampler.of(["a", "b"], seed=0)
    estimate = resampler.ratio(np.array([1.0, 0.0]), np.array([2.0, 0.0]))
    assert estimate.value == 0.5
    assert estimate.undefined == pytest.approx(0.25, abs=0.02)
    assert (estimate.low, estimate.high) == (0.5, 0.5)
    nothing = resampler.ratio(np.array([1.0, 0.0]), np.array([0.1 + 0.2, -0.3]))
    assert (nothing.value, nothing.low, nothing.high) == (None, None, None)


def test_one_cluster_and_no_task_have_no_interval():
    one = Resampler.of(["a", "a"], seed=0).mean(np.array([1.0, 0.0]))
    assert (one.value, one.low, one.high) == (0.5, None, None)
    none = Resampler.of([], seed=0).mean(np.array([]))
    assert (none.value, none.low, none.n) == (None, None, 0)


def test_the_seed_decides_the_resamples():
    values = np.arange(12.0)
    names = [str(i) for i in range(12)]
    first, again, other = (Resampler.of(names, seed=seed).mean(values) for seed in (1, 1, 2))
    assert first == again
    assert first != other
