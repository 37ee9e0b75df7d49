"""Fit the consensus verifier on graded patches.

Two stages of boosting: first the votes (what a candidate's likeness to another says of it, learned from pairs), then
the candidates, on features in which those votes are out of fold; last the calibration of the chosen candidate's
confidence, out of fold as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any
from zlib import crc32

import numpy as np

from swebench_runs import __version__
from swebench_runs.choosing.fitting.boosting import Boosting, TrainingRows, boost, need_scikit_learn
from swebench_runs.choosing.labelled_pool import LabelledTask, pool_hash
from swebench_runs.errors import UsageError
from verifiers.consensus import Consensus
from verifiers.consensus.evidence import CANDIDATE_FEATURES, RISING
from verifiers.consensus.model import Calibration, confidence_features, vote_matrix
from verifiers.consensus.similarity import PAIR_FEATURES, Array
from verifiers.consensus.trees import Trees

FOLDS = 4
"""Folds over tasks inside the fitting, from which everything is out of fold that a later stage learns from."""
SUBSETS = 3
"""Random subsets of each task's candidates that are fitted on beside the whole: agreement depends on who is there."""
PAIRS = 600
"""Pairs of one task at most."""
VOTES = Boosting(iterations=80, rate=0.08, leaf=200, rising=PAIR_FEATURES, classifiers=2)
CANDIDATES = Boosting(iterations=60, rate=0.05, leaf=200, rising=RISING, classifiers=3)


@dataclass(frozen=True)
class FittedOn:
    """A task that has candidates, and the fold it is left out with."""

    task: LabelledTask
    fold: int
    right: Array
    """Per candidate: 1 where most of its rows are graded as resolved."""

    @classmethod
    def of(cls, task: LabelledTask, seed: int) -> FittedOn:
        """Draw the task's fold."""
        fold = crc32(f"{seed} {task.instance_id}".encode()) % FOLDS
        return cls(task, fold, (task.chances > 0.5).astype(np.float64))


def fit(tasks: Sequence[LabelledTask], *, seed: int) -> Consensus:
    """Fit on all tasks that have a candidate.

    UsageError where they do not show right and wrong ones, EnvironmentMissing without scikit-learn.
    """
    need_scikit_learn()
    usable = [FittedOn.of(task, seed) for task in tasks if len(task.evidence)]
    if len({value for task in usable for value in task.right}) < 2:
        raise UsageError("fitting needs candidates that resolve their task and some that do not: give more graded runs")
    rng = np.random.default_rng(seed)
    pairs = [pairs_of(task, rng) for task in usable]
    votes = out_of_fold_votes(usable, pairs, seed)
    examples = [examples_of(task, matrix, rng) for task, matrix in zip(usable, votes, strict=True)]
    calibration, confidences = _calibrate(usable, out_of_fold_log_odds(usable, votes, examples, seed))
    vote_trees, vote_gains = boost(TrainingRows.joined(pairs), PAIR_FEATURES, VOTES, seed)
    trees, gains = boost(TrainingRows.joined(examples), CANDIDATE_FEATURES, CANDIDATES, seed)
    unanswered = [0.0] * (len(tasks) - len(usable))
    return Consensus(
        version=f"{datetime.now(UTC):%Y-%m-%d}-{pool_hash(tasks)}",
        votes=vote_trees,
        candidates=trees,
        calibration=calibration,
        threshold=round(float(np.median([*confidences, *unanswered])), 6),
        report=_report(tasks, usable, seed, {"votes": vote_gains, "candidates": gains}),
    )


def pairs_of(task: FittedOn, rng: np.random.Generator) -> TrainingRows:
    """Return a task's pairs; the first of each is what is graded. Tasks of many candidates weigh by their root."""
    count = len(task.right)
    rows, right = task.task.evidence.rows(), np.repeat(task.right, max(count - 1, 0)).astype(np.int64)
    weight = count**0.5 / max(len(rows), 1)
    kept = rng.permutation(len(rows))[:PAIRS]
    scale = len(rows) / max(len(kept), 1)
    return TrainingRows(rows[kept], right[kept], np.full(len(kept), weight * scale))


def out_of_fold_votes(tasks: Sequence[FittedOn], pairs: Sequence[TrainingRows], seed: int) -> list[Array]:
    """Return each task's votes (see ``vote_matrix``) by trees that were fitted without the task's fold."""
    found = {
        fold: _boost(_others(tasks, pairs, fold), PAIR_FEATURES, VOTES, seed) for fold in {task.fold for task in tasks}
    }
    return [vote_matrix(found[task.fold], task.task.evidence) for task in tasks]


def _boost(parts: Sequence[TrainingRows], names: Sequence[str], how: Boosting, seed: int) -> Trees:
    """Boost on the other folds; where there is none, nothing is known."""
    if not any(len(part.right) for part in parts):
        return Trees(features=tuple(names), baseline=0.0, classifiers=1, trees=())
    return boost(TrainingRows.joined(parts), names, how, seed)[0]


def examples_of(task: FittedOn, votes: Array, rng: np.random.Generator) -> TrainingRows:
    """Return the candidates of a task as examples, among all of them and among random subsets of its trajectories."""
    evidence, count = task.task.evidence, len(task.right)
    chosen = [(np.arange(count), evidence.multiplicity)]
    owner = np.repeat(np.arange(count), evidence.multiplicity.astype(int))
    for _ in range(SUBSETS if count > 2 else 0):
        size = int(rng.integers(2, len(owner) + 1))
        chosen.append(np.unique(rng.permutation(owner)[:size], return_counts=True))
    parts = []
    for indices, multiplicity in chosen:
        features = evidence.take(indices, multiplicity).features(votes[np.ix_(indices, indices)])
        weight = len(indices) ** -0.5 / len(chosen)
        parts.append(TrainingRows(features, task.right[indices].astype(np.int64), np.full(len(indices), weight)))
    return TrainingRows.joined(parts)


def out_of_fold_log_odds(
    tasks: Sequence[FittedOn], votes: Sequence[Array], examples: Sequence[TrainingRows], seed: int
) -> list[Array]:
    """Return what is said of each task's candidates by trees that were fitted without the task's fold."""
    found = {
        fold: _boost(_others(tasks, examples, fold), CANDIDATE_FEATURES, CANDIDATES, seed)
        for fold in {task.fold for task in tasks}
    }
    return [
        found[task.fold].log_odds(task.task.evidence.features(matrix))
        for task, matrix in zip(tasks, votes, strict=True)
    ]


def _others(tasks: Sequence[FittedOn], parts: Sequence[TrainingRows], fold: int) -> list[TrainingRows]:
    return [rows for task, rows in zip(tasks, parts, strict=True) if task.fold != fold]


def _calibrate(tasks: Sequence[FittedOn], log_odds: Sequence[Array]) -> tuple[Calibration, list[float]]:
    """Return the calibration, and the confidence it gives each task's choice; ``log_odds`` are out of fold."""
    pairs = list(zip(tasks, log_odds, strict=True))
    features = np.array([confidence_features(task.task.evidence, odds) for task, odds in pairs])
    calibration = _logistic(features, np.array([task.right[int(np.argmax(odds))] for task, odds in pairs]))
    return calibration, [calibration.probability(row) for row in features]


def _logistic(features: Array, right: Array) -> Calibration:
    """Fit a ridge-penalised logistic regression; where all are right, or none, their smoothed rate stands for it."""
    if len(np.unique(right)) < 2:
        rate = (right.sum() + 1) / (len(right) + 2)
        return Calibration(weights=(0.0,) * features.shape[1], bias=float(np.log(rate / (1 - rate))))
    from sklearn.linear_model import LogisticRegression  # late: an extra

    centre, spread = features.mean(axis=0), np.where(features.std(axis=0) > 1e-9, features.std(axis=0), 1.0)
    fitted = LogisticRegression(C=1.0, max_iter=1000).fit((features - centre) / spread, right)
    weights = fitted.coef_[0] / spread
    bias = float(fitted.intercept_[0] - weights @ centre)
    return Calibration(weights=tuple(round(float(weight), 7) for weight in weights), bias=round(bias, 7))


def _report(
    tasks: Sequence[LabelledTask], usable: Sequence[FittedOn], seed: int, gains: dict[str, dict[str, float]]
) -> dict[str, Any]:
    return {
        "pool_hash": pool_hash(tasks),
        "tasks": len(tasks),
        "tasks_with_right_and_wrong": sum(1 for task in usable if 0 < task.right.sum() < len(task.right)),
        "candidates": sum(len(task.right) for task in usable),
        "trajectories": sum(len(task.rows) for task in tasks),
        "without_statement": sum(not task.statement for task in tasks),
        "seeds": {"fit": seed},
        "gain_by_feature": gains,
        "versions": {"runoff": __version__, "scikit-learn": version("scikit-learn"), "numpy": np.__version__},
        "instances": [task.instance_id for task in tasks],
    }
