"""Choosing by who made a row: what knowing the system is worth, and why its name is dropped on reading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from swebench_runs.bench.rules.controls.rows import best_of_rows, choosable
from swebench_runs.bench.rules.models import repositories_of
from swebench_runs.choosing.labelled_pool import LabelledTask
from swebench_runs.figures.metrics.bootstrap import Array


def choose_by_system(tasks: Sequence[LabelledTask]) -> Array | None:
    """Return per task the chance that a row of the system that is best on other repositories resolves it.

    A system that has no rows there counts as the mean of all that have. None where no rows name a system.
    """
    if not any(row.system for task in tasks for row in task.rows):
        return None
    found = np.zeros(len(tasks))
    for repository in repositories_of(tasks):
        grades: dict[str, list[bool]] = defaultdict(list)
        for task in tasks:
            if task.repository != repository:
                for row in task.rows:
                    grades[row.system].append(row.resolved)
        means = {system: float(np.mean(values)) for system, values in grades.items()}
        unknown = float(np.mean([grade for values in grades.values() for grade in values])) if grades else 0.0
        for i, task in enumerate(tasks):
            if task.repository == repository:
                scores = np.array([means.get(task.rows[row].system, unknown) for row in choosable(task)])
                found[i] = best_of_rows(task, scores)
    return found
