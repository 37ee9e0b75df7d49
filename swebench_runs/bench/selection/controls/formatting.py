"""A model that sees how a diff is written down and nothing else: what recognising the writer is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swebench_runs.bench.selection.controls.layout import layout
from swebench_runs.bench.selection.controls.rows import best_of_rows, choosable
from swebench_runs.bench.selection.models import repositories_of
from swebench_runs.fitting.boosting import need_scikit_learn
from swebench_runs.labelled_pool import LabelledTask
from swebench_runs.metrics.bootstrap import Array


def choose_by_formatting(tasks: Sequence[LabelledTask], *, seed: int) -> Array | None:
    """Return per task the chance that the row which the model likes best resolves it, cross-validated by repository.

    None where a fold's other repositories have no rows of both grades.
    """
    need_scikit_learn()
    features = [np.array([layout(task.rows[i].patch) for i in choosable(task)]) for task in tasks]
    grades = [np.array([task.rows[i].resolved for i in choosable(task)], dtype=bool) for task in tasks]
    found = np.zeros(len(tasks))
    for repository in repositories_of(tasks):
        others = [i for i, task in enumerate(tasks) if task.repository != repository and len(grades[i])]
        if not others or len(set(np.concatenate([grades[i] for i in others]).tolist())) < 2:
            return None
        model = _fitted(np.vstack([features[i] for i in others]), np.concatenate([grades[i] for i in others]), seed)
        for i, task in enumerate(tasks):
            if task.repository == repository and len(grades[i]):
                found[i] = best_of_rows(task, model.predict_proba(features[i])[:, 1])
    return found


def _fitted(features: Array, grades: NDArray[np.bool_], seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier  # late: an extra

    leaf = max(2, min(20, len(grades) // 50))
    model = HistGradientBoostingClassifier(
        max_iter=100, max_depth=3, learning_rate=0.05, min_samples_leaf=leaf, early_stopping=False, random_state=seed
    )
    return model.fit(features, grades)
