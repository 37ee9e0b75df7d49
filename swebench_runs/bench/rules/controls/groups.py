"""The rows of one model alone: there consensus cannot win by recognising the stronger system."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from swebench_runs.bench.rules.choosing import CONSENSUS, RANDOM, by_rule, chance_of_rules, rules_for
from swebench_runs.bench.rules.controls.rows import choosable
from swebench_runs.bench.rules.estimates import Estimator
from swebench_runs.bench.rules.figures import RepositoryGroup
from swebench_runs.bench.rules.models import Models
from swebench_runs.choosing.labelled_pool import LabelledTask

MIN_TASKS = 10
MIN_PATCHES = 2
GROUP_RULES = (RANDOM, "majority", "medoid", CONSENSUS)


def families_of(tasks: Sequence[LabelledTask]) -> list[str]:
    """Return the families that rows name, sorted."""
    return sorted({row.family for task in tasks for row in task.rows} - {""})


def measure_groups(tasks: Sequence[LabelledTask], models: Models, *, seed: int) -> tuple[RepositoryGroup, ...]:
    """Measure every family that has at least MIN_TASKS tasks with MIN_PATCHES patches or more."""
    groups = []
    for family in families_of(tasks):
        restricted = [task.only(rows) for task in tasks if (rows := _rows_of(task, family))]
        part = [task for task in restricted if len(choosable(task)) >= MIN_PATCHES]
        if len(part) >= MIN_TASKS:
            groups.append(_group(family, part, models, seed))
    return tuple(groups)


def _rows_of(task: LabelledTask, family: str) -> list[int]:
    return [i for i, row in enumerate(task.rows) if row.family == family]


def _group(family: str, tasks: Sequence[LabelledTask], models: Models, seed: int) -> RepositoryGroup:
    estimator = Estimator.of(tasks, seed=seed)
    rules = [{n: r for n, r in rules_for(task, models).items() if n in GROUP_RULES} for task in tasks]
    chance = by_rule([chance_of_rules(task, those) for task, those in zip(tasks, rules, strict=True)])
    ours = chance.get(CONSENSUS)
    sure = [models.confidence(task) for task in tasks] if ours is not None else None
    return RepositoryGroup(
        family=family,
        tasks=len(tasks),
        rows=sum(len(task.rows) for task in tasks),
        random=float(estimator.mean.mean()),
        oracle=float(estimator.oracle.mean()),
        rules={name: estimator.scored(values) for name, values in chance.items()},
        consensus_minus_majority=(
            estimator.difference(CONSENSUS, "majority", ours, chance["majority"]) if ours is not None else None
        ),
        mean_confidence=float(np.mean(sure)) if sure else None,
        precision=float(ours.mean()) if ours is not None else None,
        below_majority=ours is not None and bool(ours.mean() < chance["majority"].mean() - 1e-9),
    )
