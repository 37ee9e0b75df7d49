"""Whether a confidence can be believed: calibration, and precision against coverage. Ties count in expectation."""

from __future__ import annotations

import numpy as np

from swebench_runs.bench.rules.estimates import Estimator
from swebench_runs.bench.rules.figures import AtThreshold, Bin, Confidence, Coverage
from swebench_runs.figures.metrics.bootstrap import Array

BINS = 10
STEPS = 20
"""Points of the precision-coverage curve."""


def measure_confidence(confidence: Array, right: Array, thresholds: Array, estimator: Estimator) -> Confidence:
    """Compare the confidence in each task's choice with the chance that it is right.

    ``thresholds``: per task, the one of the model that answered.
    """
    bins = reliability(confidence, right)
    half = answered_share(confidence, 0.5)
    own = (confidence >= thresholds).astype(np.float64)
    level = set(thresholds.tolist())
    return Confidence(
        ece=sum(b.tasks * abs(b.confidence - b.precision) for b in bins) / len(confidence),
        brier=float((right * (1 - confidence) ** 2 + (1 - right) * confidence**2).mean()),
        overall=float(right.mean()),
        reliability=bins,
        curve=tuple(_coverage(confidence, right, step / STEPS) for step in range(1, STEPS + 1)),
        half=_at(float(confidence[half > 0].min()), half, right, estimator),
        committed=_at(level.pop() if len(level) == 1 else None, own, right, estimator),
    )


def reliability(confidence: Array, right: Array, bins: int = BINS) -> tuple[Bin, ...]:
    """Sort the tasks into bins of equally many, from the least confidence to the most."""
    order = np.argsort(confidence, kind="stable")
    ordered, hits = confidence[order], _levelled(confidence, right)[order]
    return tuple(
        Bin(
            tasks=len(part),
            low=float(ordered[part[0]]),
            high=float(ordered[part[-1]]),
            confidence=float(ordered[part].mean()),
            precision=float(hits[part].mean()),
        )
        for part in np.array_split(np.arange(len(ordered)), bins)
        if len(part)
    )


def answered_share(confidence: Array, coverage: float) -> Array:
    """Return how far each task is answered when that share of them is: 1 above the threshold, at it what is left."""
    wanted = coverage * len(confidence)
    threshold = np.sort(confidence)[::-1][max(int(np.ceil(wanted - 1e-9)) - 1, 0)]
    above, at = confidence > threshold, confidence == threshold
    return np.asarray(above + at * (wanted - above.sum()) / at.sum(), dtype=np.float64)


def _levelled(confidence: Array, right: Array) -> Array:
    """Give tasks of equal confidence their mean, so that no order among them matters."""
    _, group = np.unique(confidence, return_inverse=True)
    return np.asarray((np.bincount(group, right) / np.bincount(group))[group], dtype=np.float64)


def _coverage(confidence: Array, right: Array, coverage: float) -> Coverage:
    answered = answered_share(confidence, coverage)
    return Coverage(coverage=coverage, precision=float((answered * right).sum() / answered.sum()))


def _at(threshold: float | None, answered: Array, right: Array, estimator: Estimator) -> AtThreshold:
    total = float(answered.sum())
    return AtThreshold(
        threshold=threshold,
        coverage=total / len(right),
        precision=float((answered * right).sum()) / total if total else None,
        above_overall=estimator.above_overall(answered, right),
    )
