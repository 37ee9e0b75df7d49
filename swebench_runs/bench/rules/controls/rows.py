"""Choosing a row instead of a candidate, for controls that look at who made a row or how it is written."""

from __future__ import annotations

import numpy as np

from swebench_runs.bench.rules.grades import chances, grade_of_best
from swebench_runs.choosing.labelled_pool import LabelledTask
from swebench_runs.figures.metrics.bootstrap import Array


def choosable(task: LabelledTask) -> list[int]:
    """Return the rows that have a candidate, as every rule may choose only those."""
    return [i for i, entry in enumerate(task.ballot.entries) if entry.candidate is not None]


def best_of_rows(task: LabelledTask, scores: Array) -> float:
    """Return the chance that the choosable row of the highest score resolves the task; ties in expectation."""
    known, entries = chances(task), task.ballot.entries
    return grade_of_best(scores, np.array([known[entries[i].candidate or ""] for i in choosable(task)]))
