"""Every rule on every task, consensus by the model that may score the task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from selection.rules import RULES, Rule
from selection.rules.clean_first import CleanFirst
from selection.rules.consensus import consensus_rule
from swebench_runs.bench.rules.grades import chances, expected_grade, mean_grade
from swebench_runs.bench.rules.models import Models
from swebench_runs.choosing.labelled_pool import LabelledTask
from swebench_runs.figures.metrics.bootstrap import Array

CONSENSUS = "consensus"
RANDOM = "random"


def rules_for(task: LabelledTask, models: Models) -> dict[str, Rule]:
    """Return the rules by name; without consensus where it cannot be measured."""
    known = {name: rule for name, rule in RULES.items() if name != CONSENSUS}
    if models.by_repository:
        known[CONSENSUS] = CleanFirst(consensus_rule(models.of(task)))
    return {name: known[name] for name in RULES if name in known}


def chance_of_rules(task: LabelledTask, rules: Mapping[str, Rule]) -> dict[str, float]:
    """Return rule -> the chance that its choice resolves the task."""
    known = chances(task)
    return {
        name: mean_grade(task) if name == RANDOM else expected_grade(known, rule(task.ballot))
        for name, rule in rules.items()
    }


def by_rule(rows: Sequence[Mapping[str, float]]) -> dict[str, Array]:
    """Turn tasks x rules around."""
    return {name: np.array([row[name] for row in rows]) for name in (rows[0] if rows else ())}
