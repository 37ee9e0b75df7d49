"""Leave one system out: does consensus choose as well among the rows of a system that it was not fitted on?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from swebench_runs.bench.rules.controls.groups import families_of
from swebench_runs.bench.rules.estimates import Estimator
from swebench_runs.bench.rules.figures import LeftOut
from swebench_runs.bench.rules.grades import grade_of_best
from swebench_runs.bench.rules.models import Fitter
from swebench_runs.choosing.labelled_pool import LabelledTask
from swebench_runs.errors import UsageError
from swebench_runs.figures.metrics.bootstrap import Array

Half = Callable[[LabelledTask], bool]


def measure_left_out(
    tasks: Sequence[LabelledTask], fitter: Fitter, *, seed: int
) -> tuple[tuple[LeftOut, ...], list[str]]:
    """Refit without each family's rows, in two folds: the repository with the most tasks, and all the others.

    Returns the figures, and a note on each family without which too little is left to fit on. UsageError where the
    whole pool is too little.
    """
    families = families_of(tasks)
    largest = Counter(task.repository for task in tasks).most_common(1)[0][0]

    def in_largest(task: LabelledTask) -> bool:
        return task.repository == largest

    everything = _choices(tasks, tasks, in_largest, fitter, "leave one system out, all systems")
    found, notes = [], []
    for number, family in enumerate(families, 1):
        kept = [task.only(rows) for task in tasks if (rows := _others(task, family))]
        present = [i for i, task in enumerate(tasks) if any(row.family == family for row in task.rows)]
        part = [tasks[i] for i in present]
        purpose = f"leave one system out, {number} of {len(families)}: {family}"
        try:
            without = _choices(kept, part, in_largest, fitter, purpose)
        except UsageError as error:
            notes.append(f"leave one system out, {family}: {error}")
        else:
            found.append(_left_out(family, part, without, everything[present], seed))
    return tuple(found), notes


def _others(task: LabelledTask, family: str) -> list[int]:
    return [i for i, row in enumerate(task.rows) if row.family != family]


def _choices(
    fitted_on: Sequence[LabelledTask], scored: Sequence[LabelledTask], half: Half, fitter: Fitter, purpose: str
) -> Array:
    """Return the chance of consensus' choice on each task, by a model fitted on the other half."""
    found = np.zeros(len(scored))
    for side in {half(task) for task in scored}:
        model = fitter([task for task in fitted_on if half(task) != side], purpose)
        for i, task in enumerate(scored):
            if half(task) == side:
                found[i] = grade_of_best(model.log_odds(task.evidence), task.chances)
    return found


def _left_out(family: str, tasks: Sequence[LabelledTask], without: Array, with_rows: Array, seed: int) -> LeftOut:
    estimator = Estimator.of(tasks, seed=seed)
    return LeftOut(
        family=family,
        tasks=len(tasks),
        random=float(estimator.mean.mean()),
        oracle=float(estimator.oracle.mean()),
        without=estimator.scored(without),
        with_its_rows=estimator.scored(with_rows),
    )
