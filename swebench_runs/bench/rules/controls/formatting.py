"""A model that sees how a diff is written down and nothing else: what recognising the writer is worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from swebench_runs.bench.rules.controls.layout import FEATURES, layout
from swebench_runs.bench.rules.controls.rows import best_of_rows, choosable
from swebench_runs.bench.rules.models import repositories_of
from swebench_runs.choosing.fitting.boosting import Boosting, TrainingRows, boost, need_scikit_learn
from swebench_runs.choosing.labelled_pool import LabelledTask
from swebench_runs.figures.metrics.bootstrap import Array

LAYOUT = Boosting(iterations=100, rate=0.05, leaf=20, rising=(), depth=3, smoothing=0.0, share=1.0, classifiers=1)


def choose_by_formatting(tasks: Sequence[LabelledTask], *, seed: int) -> Array | None:
    """Return per task the chance that the row which the model likes best resolves it, cross-validated by repository.

    None where a fold's other repositories have no rows of both grades.
    """
    need_scikit_learn()
    examples = [_examples(task) for task in tasks]
    found = np.zeros(len(tasks))
    for repository in repositories_of(tasks):
        parts = [rows for task, rows in zip(tasks, examples, strict=True) if task.repository != repository]
        others = TrainingRows.joined(parts) if parts else None
        if others is None or len(np.unique(others.right)) < 2:
            return None
        trees, _ = boost(others, FEATURES, LAYOUT, seed)
        for i, (task, rows) in enumerate(zip(tasks, examples, strict=True)):
            if task.repository == repository and len(rows.right):
                found[i] = best_of_rows(task, trees.log_odds(rows.features))
    return found


def _examples(task: LabelledTask) -> TrainingRows:
    rows = [task.rows[i] for i in choosable(task)]
    return TrainingRows(
        np.array([layout(row.patch) for row in rows], dtype=np.float64).reshape(len(rows), len(FEATURES)),
        np.array([row.resolved for row in rows], dtype=np.int64),
        np.ones(len(rows)),
    )
