"""What the grades of a task's rows say of a choice; only here do grades meet what was chosen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from selection.rules import NO_PATCH, Ranking
from selection.rules.consensus import DECIMALS
from swebench_runs.choosing.labelled_pool import LabelledTask
from swebench_runs.figures.metrics.bootstrap import Array


def mean_grade(task: LabelledTask) -> float:
    """Return the chance that a row drawn at random resolves the task; rows without a patch count."""
    return sum(row.resolved for row in task.rows) / len(task.rows)


def best_grade(task: LabelledTask) -> float:
    """Return 1 where any row resolves the task: what a perfect choice comes to."""
    return float(any(row.resolved for row in task.rows))


def chances(task: LabelledTask) -> dict[str, float]:
    """Return candidate id -> the share of its rows that resolve the task, in ballot order."""
    ids = [candidate.id for candidate in task.ballot.candidates]
    return dict(zip(ids, task.chances.tolist(), strict=True))


def expected_grade(chance: Mapping[str, float], ranking: Ranking) -> float:
    """Return the chance that a ranking's leader resolves the task: ties in expectation, no candidate fails."""
    if not ranking:
        return 0.0
    return sum(chance[entry] for entry in ranking[0] if entry != NO_PATCH) / len(ranking[0])


def grade_of_best(scores: Array, grades: Array) -> float:
    """Return the mean grade of what has the highest score; 0 where there is nothing to choose."""
    if not len(scores):
        return 0.0
    rounded = np.round(scores, DECIMALS)
    return float(grades[rounded == rounded.max()].mean())
