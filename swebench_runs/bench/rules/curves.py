"""best@K: how well each rule would have chosen among fewer rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from selection.rules import RULES
from selection.rules.consensus import expected_similarity
from swebench_runs.bench.rules.choosing import CONSENSUS, RANDOM, by_rule
from swebench_runs.bench.rules.estimates import Estimator
from swebench_runs.bench.rules.figures import CurvePoint
from swebench_runs.bench.rules.grades import chances, expected_grade, grade_of_best, mean_grade
from swebench_runs.bench.rules.models import Models, Say
from swebench_runs.bench.rules.subsets import Counts, subset_ballot, subset_counts
from swebench_runs.choosing.labelled_pool import LabelledTask
from swebench_runs.figures.metrics.bootstrap import Array
from swebench_runs.figures.metrics.estimators import oracle_at_k
from verifiers.consensus import Consensus, ConsensusEvidence
from verifiers.consensus.model import vote_matrix

KS = (1, 2, 3, 5, 8, 13, 21)
BALLOT_RULES = ("first", "majority")
EVIDENCE_RULES = ("medoid", CONSENSUS)
_CHUNK = 20_000
"""Candidates that are scored in one call: bounds the memory."""


@dataclass(frozen=True)
class Drawn:
    """The candidates of a subset: their indices, and how many rows each has."""

    candidates: Counts
    multiplicity: Array


def measure_curves(
    tasks: Sequence[LabelledTask], models: Models, *, limit: int, seed: int, say: Say
) -> tuple[CurvePoint, ...]:
    """Compute best@K over at most ``limit`` subsets of each task, for every K that tasks have rows for."""
    points = []
    for k in KS:
        part = [task for task in tasks if len(task.rows) >= k]
        if not part:
            break
        say(f"best@{k}: {len(part)} tasks")
        points.append(_point(part, models, k, limit, seed))
    return tuple(points)


def _point(tasks: Sequence[LabelledTask], models: Models, k: int, limit: int, seed: int) -> CurvePoint:
    right = [sum(row.resolved for row in task.rows) for task in tasks]
    oracle = np.array([oracle_at_k(len(task.rows), count, k) for task, count in zip(tasks, right, strict=True)])
    rows = [
        best_at_k(task, models.of(task) if models.by_repository else None, k, limit=limit, seed=seed) for task in tasks
    ]
    estimator = Estimator.of(tasks, oracle, seed=seed)
    return CurvePoint(
        k=k,
        tasks=len(tasks),
        random=float(estimator.mean.mean()),
        oracle=float(oracle.mean()),
        rules={name: estimator.scored(best) for name, best in by_rule(rows).items()},
    )


def best_at_k(task: LabelledTask, model: Consensus | None, k: int, *, limit: int, seed: int) -> dict[str, float]:
    """Return rule -> the chance that it resolves the task given ``k`` of its rows, the mean over subsets."""
    names = [RANDOM, *BALLOT_RULES, *(name for name in EVIDENCE_RULES if model or name != CONSENSUS)]
    grades = task.chances
    if not grades.any():
        found = dict.fromkeys(names, 0.0)
    elif grades.min() == 1 and all(entry.candidate for entry in task.ballot.entries):
        found = dict.fromkeys(names, 1.0)
    else:
        counts, shares = subset_counts(task, k, limit, seed=seed)
        found = {
            **_by_ballot(task, counts, shares),
            **_by_evidence(task, model, counts, shares),
        }
    return {name: mean_grade(task) if name == RANDOM else found[name] for name in names}


def _by_ballot(task: LabelledTask, counts: Counts, shares: Array) -> dict[str, float]:
    chance = chances(task)
    ballots = [subset_ballot(task.ballot, row) for row in counts]
    return {
        name: float(shares @ np.array([expected_grade(chance, RULES[name](ballot)) for ballot in ballots]))
        for name in BALLOT_RULES
    }


def _by_evidence(task: LabelledTask, model: Consensus | None, counts: Counts, shares: Array) -> dict[str, float]:
    evidence, grades = task.evidence, task.chances
    subsets = [Drawn(np.flatnonzero(row), row[row > 0].astype(np.float64)) for row in counts]
    scores = {"medoid": [expected_similarity(evidence.take(s.candidates, s.multiplicity)) for s in subsets]}
    if model:
        scores[CONSENSUS] = subset_log_odds(model, evidence, subsets)
    return {
        name: float(
            shares
            @ np.array([grade_of_best(s, grades[subset.candidates]) for s, subset in zip(of, subsets, strict=True)])
        )
        for name, of in scores.items()
    }


def subset_log_odds(model: Consensus, evidence: ConsensusEvidence, subsets: Sequence[Drawn]) -> list[Array]:
    """Return what the model says of the candidates of each subset, as if there were no others.

    What one candidate says of another depends on the two alone, so it is computed once for all subsets.
    """
    votes = vote_matrix(model.votes, evidence)
    filled = [s for s in subsets if len(s.candidates)]
    if not filled:
        return [np.zeros(0) for _ in subsets]
    rows = np.vstack(
        [
            evidence.take(s.candidates, s.multiplicity).features(votes[np.ix_(s.candidates, s.candidates)])
            for s in filled
        ]
    )
    chunks = [model.candidates.log_odds(rows[at : at + _CHUNK]) for at in range(0, len(rows), _CHUNK)]
    return np.split(np.concatenate(chunks), np.cumsum([len(s.candidates) for s in subsets])[:-1])
