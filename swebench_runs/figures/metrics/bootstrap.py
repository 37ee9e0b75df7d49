"""Intervals by a cluster bootstrap: whole packages or repositories are drawn again, with all their tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

Array = NDArray[np.float64]

RESAMPLES = 10_000
LEVEL = 0.95


class Estimate(BaseModel):
    """A figure with its interval (percentile bootstrap)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float | None
    """None where the figure is undefined, such as a share of nothing."""
    low: float | None = None
    high: float | None = None
    """Ends of the interval; None with fewer than two clusters, which say nothing about a third."""
    n: int
    """Tasks (or pairs) behind it."""
    clusters: int
    undefined: float = 0.0
    """Share of the resamples in which the figure is undefined; the interval is over the others."""


@dataclass(frozen=True)
class Resampler:
    """The resamples of one set of tasks. Every figure uses the same ones, so differences are paired."""

    members: Array
    """clusters x tasks: 1 where the task is of the cluster."""
    weights: Array
    """resamples x clusters: how often each cluster was drawn."""

    @classmethod
    def of(cls, clusters: Sequence[str], *, seed: int, resamples: int = RESAMPLES) -> Self:
        """Draw the resamples; ``clusters`` names the cluster of each task."""
        names = sorted(set(clusters))
        members = np.array([[cluster == name for cluster in clusters] for name in names], dtype=np.float64)
        count = len(names)
        rng = np.random.default_rng(seed)
        draws = rng.multinomial(count, [1 / count] * count, size=resamples) if count else np.zeros((resamples, 0))
        return cls(members.reshape(count, len(clusters)), draws.astype(np.float64))

    def sums(self, values: Array) -> Array:
        """Return per resample the sum of one value per task."""
        return np.asarray(self.weights @ (self.members @ values), dtype=np.float64)

    def ratio(self, above: Array, below: Array, n: int | None = None) -> Estimate:
        """Return the estimate of sum(above) / sum(below), values per task; undefined where the lower sum is 0.

        ``n`` is what the figure counts where that is not tasks.
        """
        total = float(below.sum())
        value = None if _zero(total) else float(above.sum()) / total
        return self.interval(value, self.sums(above), self.sums(below), len(below) if n is None else n)

    def mean(self, values: Array) -> Estimate:
        """Return the estimate of the mean over tasks."""
        return self.ratio(values, np.ones(len(values)))

    def interval(self, value: float | None, above: Array, below: Array, n: int) -> Estimate:
        """Make an estimate of a value and its resampled numerators and denominators."""
        count = len(self.members)
        defined = ~_zero(below)
        samples = above[defined] / below[defined]
        if value is None or count < 2 or not len(samples):
            return Estimate(value=value, n=n, clusters=count, undefined=float(1 - defined.mean()))
        low, high = np.quantile(samples, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return Estimate(
            value=value, low=float(low), high=float(high), n=n, clusters=count, undefined=float(1 - defined.mean())
        )


def _zero(values: Array | float) -> NDArray[np.bool_]:
    """Tell which sums are 0 but for rounding: differences of means of a few tasks, never tinier than 1e-9."""
    return np.asarray(np.abs(values) < 1e-9)
