"""How good the regression gate was, against the grades. What it was not run on, or has no grade, is left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from selection.weighing import gate
from swebench_runs.figures.metrics.bootstrap import Estimate, Resampler
from swebench_runs.figures.metrics.graded import GradedTask


class QualityOfGate(BaseModel):
    """Shares over different candidates; n counts them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    false_reject: Estimate
    """Share of the right candidates that break an existing test."""
    true_reject: Estimate
    """Share of the wrong ones that do."""


def quality_of_gate(tasks: Sequence[GradedTask], resampler: Resampler) -> QualityOfGate:
    """Measure the gate on the candidates of graded tasks."""
    rows = np.array([[*_counts(task, True), *_counts(task, False)] for task in tasks], dtype=np.float64)
    right, right_broken, wrong, wrong_broken = rows.reshape(-1, 4).T
    return QualityOfGate(
        false_reject=resampler.ratio(right_broken, right, int(right.sum())),
        true_reject=resampler.ratio(wrong_broken, wrong, int(wrong.sum())),
    )


def _counts(task: GradedTask, right: bool) -> tuple[int, int]:
    """Return how many candidates of a grade the gate was run on, and how many of them it rejects."""
    graded = [one.id for one in task.ballot.candidates if task.resolved.get(one.id) is right]
    said = [word for one in graded if (word := gate(task.ballot, one)) != "unmeasured"]
    return len(said), said.count("broken")
