"""A small model of all evidence: what weighing it together would reach, beside weighing it one after the other.

A conditional logit (McFadden 1974): the chance that a candidate is the one to take is softmax(weights . features),
each feature beside the task's others; fitted with a ridge penalty on the tasks of all other repositories.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from acceptance.selection.executed import rules as parts
from selection.rules import Rule
from selection.rules.consensus import expected_similarity
from selection.rules.evidence import regression_count
from swebench_runs.choosing.labelled_pool import LabelledTask
from swebench_runs.figures.metrics.bootstrap import Array

RIDGE, STEPS, RATE = 1.0, 600, 0.1
NAMES = ("breaks", "log_regressions", "examples", "votes", "unchanged", "alike", "calls", "consensus", "medoid", "many")


def learned_rules(tasks: Sequence[LabelledTask], consensus: Rule) -> dict[str, Array]:
    """Return the model's chances per task, each task scored by a model of the other repositories' tasks."""
    rows = [features(task, consensus) for task in tasks]
    grades = [task.chances for task in tasks]
    chance = np.zeros(len(tasks))
    for repository in {task.repository for task in tasks}:
        others = [at for at, task in enumerate(tasks) if task.repository != repository]
        if not others:
            continue
        weights = _fitted([rows[at] for at in others], [grades[at] for at in others])
        for at, task in enumerate(tasks):
            if task.repository == repository:
                scores = np.round(rows[at] @ weights, 9)
                chance[at] = float(grades[at][scores == scores.max()].mean()) if len(scores) else 0.0
    return {"model of all": chance}


def features(task: LabelledTask, consensus: Rule) -> Array:
    """Return candidates x NAMES, each column minus its mean over the task's candidates."""
    ballot = task.ballot
    ids = [one.id for one in ballot.candidates]
    if not ids:
        return np.zeros((0, len(NAMES)))
    places = {one: place for place, group in enumerate(consensus(ballot)) for one in group}
    likeness = expected_similarity(task.evidence)
    attempts = max(len([entry for entry in ballot.entries if entry.candidate]), 1)
    columns = [
        [parts.breaks(ballot, one) for one in ids],
        [float(np.log1p(regression_count(ballot, one))) for one in ids],
        [-parts.examples(ballot, one) for one in ids],
        [-parts.others_votes(ballot, one) for one in ids],
        [parts.unchanged(ballot, one) for one in ids],
        [-parts.behave_alike(ballot, one) / attempts for one in ids],
        [-parts.calls_alike(ballot, one) for one in ids],
        [-places.get(one, len(ids)) / len(ids) for one in ids],
        (likeness / max(attempts - 1, 1)).tolist(),
        task.evidence.multiplicity.tolist(),
    ]
    found = np.array(columns, dtype=np.float64).T
    return np.asarray(found - found.mean(axis=0), dtype=np.float64)


def _fitted(rows: Sequence[Array], grades: Sequence[Array]) -> Array:
    """Return the weights that make right candidates likeliest, by gradient ascent; tasks without both say nothing."""
    usable = [
        (row, grade) for row, grade in zip(rows, grades, strict=True) if len(row) and 0 < grade.sum() < len(grade)
    ]
    spread = np.concatenate([row for row, _ in usable]).std(axis=0)
    scale = np.where(spread > 1e-9, spread, 1.0)
    weights = np.zeros(len(NAMES))
    for _ in range(STEPS):
        step = -RIDGE * weights
        for row, grade in usable:
            scores = (row / scale) @ weights
            chance = np.exp(scores - scores.max())
            chance /= chance.sum()
            wanted = chance * grade
            step += (row / scale).T @ (wanted / wanted.sum() - chance)
        weights += RATE * step / max(len(usable), 1)
    return np.asarray(weights / scale, dtype=np.float64)
