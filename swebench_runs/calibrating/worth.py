"""From scores and grades to a judge's worth: the area under the ROC curve within tasks, with its interval."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agent.models.profiles import JudgeWorth
from swebench_runs.figures.metrics.bootstrap import Resampler


@dataclass(frozen=True)
class ScoredTask:
    """One task's graded candidates and what a judge said of them."""

    instance_id: str
    repository: str
    right: Mapping[str, bool]
    """Candidate id -> it resolves the task."""
    scores: Mapping[str, float | None]
    """Candidate id -> score; None, or no entry: missing."""

    def side(self, right: bool) -> list[float]:
        """Return the scores of the candidates of one grade."""
        found = (self.scores.get(name) for name, grade in self.right.items() if grade is right)
        return [score for score in found if score is not None]

    @property
    def pairs(self) -> int:
        """Pairs of a right and a wrong candidate that both have a score."""
        return len(self.side(True)) * len(self.side(False))

    @property
    def wins(self) -> float:
        """How many of them the judge has in that order, ties one half."""
        return sum(
            1.0 if right > wrong else 0.5 if right == wrong else 0.0
            for right in self.side(True)
            for wrong in self.side(False)
        )

    @property
    def missing(self) -> int:
        """Graded candidates without a score."""
        return sum(self.scores.get(name) is None for name in self.right)


def worth_of(tasks: Sequence[ScoredTask], *, seed: int = 0, measured: str = "") -> JudgeWorth:
    """Return a judge's worth; the interval is a bootstrap over repositories, every pair of a task weighing alike."""
    pairs = np.array([float(task.pairs) for task in tasks])
    wins = np.array([task.wins for task in tasks])
    estimate = Resampler.of([task.repository for task in tasks], seed=seed).ratio(wins, pairs, int(pairs.sum()))
    telling = [task for task in tasks if task.pairs]
    return JudgeWorth(
        auc=estimate.value,
        low=estimate.low,
        high=estimate.high,
        tasks=len(telling),
        pairs=int(pairs.sum()),
        repositories=len({task.repository for task in telling}),
        missing=sum(task.missing for task in tasks),
        measured=measured,
    )


def by_repository(tasks: Sequence[ScoredTask]) -> dict[str, tuple[float, int]]:
    """Return repository -> its area under the curve and its pairs, where it has any."""
    found: dict[str, list[ScoredTask]] = defaultdict(list)
    for task in tasks:
        if task.pairs:
            found[task.repository].append(task)
    return {
        name: (sum(task.wins for task in part) / sum(task.pairs for task in part), sum(task.pairs for task in part))
        for name, part in sorted(found.items())
    }
