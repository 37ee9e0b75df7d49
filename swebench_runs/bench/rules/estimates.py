"""From chances per task to figures with two intervals: clustered by repository, and by task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Self

import numpy as np

from swebench_runs.bench.rules.figures import Interval, RuleDifference, Scored, Share
from swebench_runs.bench.rules.grades import best_grade, mean_grade
from swebench_runs.choosing.labelled_pool import LabelledTask
from swebench_runs.figures.metrics.bootstrap import Array, Estimate, Resampler

_EQUAL = 1e-9


@dataclass(frozen=True)
class Estimator:
    """Makes figures of one set of tasks; every figure uses the same resamples, so differences are paired."""

    by_repository: Resampler
    by_task: Resampler
    mean: Array
    """What a random choice comes to on each task."""
    oracle: Array

    @classmethod
    def of(cls, tasks: Sequence[LabelledTask], oracle: Array | None = None, *, seed: int) -> Self:
        """Draw the resamples of these tasks; ``oracle``: what a perfect choice comes to, of all rows unless given."""
        return cls(
            Resampler.of([task.repository for task in tasks], seed=seed),
            Resampler.of([task.instance_id for task in tasks], seed=seed),
            np.array([mean_grade(task) for task in tasks]),
            np.array([best_grade(task) for task in tasks]) if oracle is None else oracle,
        )

    def share(self, values: Array) -> Share:
        """Return a mean over tasks."""
        here, there = self.by_repository.mean(values), self.by_task.mean(values)
        return Share(value=here.value, ci=_interval(here), ci_tasks=_interval(there))

    def scored(self, best: Array) -> Scored:
        """Return how well a way of choosing does, from its chance on each task."""
        share = self.share(best)
        gaps = [r.ratio(best - self.mean, self.oracle - self.mean) for r in (self.by_repository, self.by_task)]
        return Scored(
            best=share.value or 0.0,
            best_ci=share.ci,
            best_ci_tasks=share.ci_tasks,
            gap_closed=gaps[0].value,
            gap_closed_ci=_interval(gaps[0]),
            gap_closed_ci_tasks=_interval(gaps[1]),
        )

    def difference(self, first: str, second: str, a: Array, b: Array) -> RuleDifference:
        """Compare two ways of choosing on the same tasks."""
        apart = a - b
        share = self.share(apart)
        better, worse = int((apart > _EQUAL).sum()), int((apart < -_EQUAL).sum())
        return RuleDifference(
            first=first,
            second=second,
            difference=share.value or 0.0,
            ci=share.ci,
            ci_tasks=share.ci_tasks,
            better=better,
            worse=worse,
            equal=len(apart) - better - worse,
        )

    def differences(self, chances: dict[str, Array]) -> tuple[RuleDifference, ...]:
        """Compare every two of them, the later one first."""
        pairs = combinations(reversed(chances), 2)
        return tuple(self.difference(a, b, chances[a], chances[b]) for a, b in pairs)

    def above_overall(self, answered: Array, right: Array) -> Share:
        """Return the precision of what is answered minus that of all tasks; ``answered`` is 1, 0 or, at a tie, a part.

        Paired: in each resample both rates are over the same tasks.
        """
        estimates = []
        for resampler in (self.by_repository, self.by_task):
            kept, hits = resampler.sums(answered), resampler.sums(answered * right)
            everything, all_hits = resampler.sums(np.ones(len(right))), resampler.sums(right)
            total = float(answered.sum())
            value = float((answered * right).sum()) / total - float(right.mean()) if total > 0 else None
            above, below = hits * everything - all_hits * kept, kept * everything
            estimates.append(resampler.interval(value, above, below, len(right)))
        return Share(value=estimates[0].value, ci=_interval(estimates[0]), ci_tasks=_interval(estimates[1]))


def _interval(estimate: Estimate) -> Interval:
    return None if estimate.low is None or estimate.high is None else (estimate.low, estimate.high)
