"""How choosing scales: pass@1, oracle@k, best@k and gap closed of every rule, and the rules compared in pairs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from pydantic import BaseModel, ConfigDict

from swebench_runs.figures.metrics.bootstrap import Array, Estimate, Resampler
from swebench_runs.figures.metrics.estimators import Chances, oracle_at_k, pass_at_1
from swebench_runs.figures.metrics.graded import GradedTask

DECISION = "decision"
"""The name under which the whole system, run-off included, stands among the rules; at full k only."""

MAX_POINTS = 10


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Point(_Frozen):
    """One rule given k trajectories."""

    k: int
    best: Estimate
    """best@k."""
    gap: Estimate
    """Gap closed: (best@k - pass@1) / (oracle@k - pass@1), of means over tasks."""


class Difference(_Frozen):
    """Two rules on the same tasks at full k."""

    first: str
    second: str
    difference: Estimate
    """Mean of first minus second."""
    better: int
    """Tasks on which the first has the greater chance."""
    worse: int
    equal: int


class Curves(_Frozen):
    """Everything about choosing, for one set of tasks."""

    ks: tuple[int, ...]
    pass_at_1: Estimate
    oracle: tuple[Estimate, ...]
    """oracle@k per k."""
    rules: dict[str, tuple[Point, ...]]
    """Rule -> a point per k; ``decision`` has one, at full k."""
    differences: tuple[Difference, ...]


def curves(tasks: Sequence[GradedTask], known: Chances, resampler: Resampler) -> Curves:
    """Compute the curves of tasks; full k is the fewest editing trajectories that were asked for on any of them."""
    full = min((task.attempts for task in tasks), default=0)
    ks = sorted({round(k) for k in np.linspace(1, full, min(full, MAX_POINTS))}) if full else []
    mean = np.array([pass_at_1(task) for task in tasks])
    oracles = [np.array([oracle_at_k(task.attempts, task.successes, k) for task in tasks]) for k in ks]
    chances = [_chances(tasks, known, k) for k in ks]
    points = {
        name: tuple(
            _point(k, by_rule[name], mean, oracle, resampler)
            for k, by_rule, oracle in zip(ks, chances, oracles, strict=True)
        )
        for name in known.rules
    }
    at_full = dict(chances[-1]) if chances else {}
    if chances and any(task.decision is not None for task in tasks):
        at_full[DECISION] = np.array([float(task.decided_right) for task in tasks])
        points[DECISION] = (_point(full, at_full[DECISION], mean, oracles[-1], resampler),)
    return Curves(
        ks=tuple(ks),
        pass_at_1=resampler.mean(mean),
        oracle=tuple(resampler.mean(oracle) for oracle in oracles),
        rules=points,
        differences=tuple(
            _difference(a, b, at_full[a], at_full[b], resampler) for a, b in combinations(reversed(at_full), 2)
        ),
    )


def _chances(tasks: Sequence[GradedTask], known: Chances, k: int) -> dict[str, Array]:
    rows = [known.of(task, k) for task in tasks]
    return {name: np.array([row[name] for row in rows]) for name in known.rules}


def _point(k: int, best: Array, mean: Array, oracle: Array, resampler: Resampler) -> Point:
    return Point(k=k, best=resampler.mean(best), gap=resampler.ratio(best - mean, oracle - mean))


def _difference(first: str, second: str, a: Array, b: Array, resampler: Resampler) -> Difference:
    apart = a - b
    better, worse = int((apart > 1e-9).sum()), int((apart < -1e-9).sum())
    return Difference(
        first=first,
        second=second,
        difference=resampler.mean(apart),
        better=better,
        worse=worse,
        equal=len(apart) - better - worse,
    )
