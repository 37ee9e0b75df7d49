"""Estimators of one task: pass@1, oracle@k, and best@k of every rule over subsets of its trajectories."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Self
from zlib import crc32

import numpy as np

from selection.rules import NO_PATCH, Ranking, Rule
from swebench_runs.figures.metrics.graded import GradedTask
from verifiers.ballot import Ballot, Entry

MAX_SUBSETS = 1000
"""Above this many subsets as many are drawn at random (R2E-Gym's notebook draws 1,000)."""
MIN_SUBSETS = 10
SUBSETS_IN_ALL = 7_200
"""Of one size, over all tasks of a run: means over many tasks need fewer of each, and hundreds of tasks few minutes."""


def pass_at_1(task: GradedTask) -> float:
    """Return the share of the editing trajectories asked for that resolve the task."""
    return task.successes / task.attempts if task.attempts else 0.0


def oracle_at_k(n: int, c: int, k: int) -> float:
    """Return pass@k, unbiased: 1 - C(n-c, k) / C(n, k) (Chen et al. 2021, arXiv 2107.03374, equation 1).

    ``n`` trajectories of which ``c`` resolve the task; ValueError when ``k`` is not within 1 and ``n``.
    """
    if not 1 <= k <= n:
        raise ValueError(f"k = {k} is not within 1 and {n} trajectories")
    return 1 - math.comb(n - c, k) / math.comb(n, k)


def expected(task: GradedTask, ranking: Ranking) -> float:
    """Return the chance that a ranking's leader resolves the task: ties in expectation, no candidate fails."""
    if not ranking:
        return 0.0
    return sum(entry != NO_PATCH and task.right(entry) for entry in ranking[0]) / len(ranking[0])


def best_at_k(
    task: GradedTask, rules: Mapping[str, Rule], k: int, *, seed: int, most: int = MAX_SUBSETS
) -> dict[str, float]:
    """Return rule -> chance that it resolves the task given ``k`` of the editing trajectories.

    The mean over all subsets of size ``k`` (or ``most`` random ones) of the trajectories asked for. What a
    left-out trajectory brought, its test included, is gone from the ballot; test trajectories stay.
    """
    ballot = full_ballot(task)
    editing = [entry.id for entry in ballot.entries if entry.edits]
    totals = dict.fromkeys(rules, 0.0)
    count = 0
    for kept in _subsets(editing, k, most, np.random.default_rng([seed, crc32(task.instance_id.encode()), k])):
        subset = ballot.without(set(editing) - kept)
        for name, rule in rules.items():
            totals[name] += expected(task, rule(subset))
        count += 1
    return {name: total / count for name, total in totals.items()}


@dataclass(frozen=True)
class Chances:
    """best@k of every rule on every task: each is worked out once, in however many sections the task stands."""

    rules: Mapping[str, Rule]
    seed: int = 0
    most: int = MAX_SUBSETS
    """Subsets of one size of one task."""
    _known: dict[tuple[str, int], dict[str, float]] = field(default_factory=dict)

    @classmethod
    def over(cls, tasks: int, rules: Mapping[str, Rule], *, seed: int) -> Self:
        """Return what is to be used for so many tasks: the more there are, the fewer subsets of each are needed."""
        return cls(rules, seed, min(MAX_SUBSETS, max(MIN_SUBSETS, SUBSETS_IN_ALL // max(tasks, 1))))

    def of(self, task: GradedTask, k: int) -> dict[str, float]:
        """Return rule -> chance that it resolves the task given ``k`` trajectories."""
        key = (task.instance_id, k)
        if key not in self._known:
            self._known[key] = best_at_k(task, self.rules, k, seed=self.seed, most=self.most)
        return self._known[key]


def full_ballot(task: GradedTask) -> Ballot:
    """Return the ballot with an empty editing trajectory in the place of each one that never came to be."""
    absent = tuple(Entry(id=f"edit-absent-{index}") for index in range(task.attempts - len(task.editing)))
    tests = tuple(entry for entry in task.ballot.entries if not entry.edits)
    return task.ballot.model_copy(update={"entries": (*task.editing, *absent, *tests)})


def _subsets(names: Sequence[str], k: int, most: int, rng: np.random.Generator) -> Iterator[frozenset[str]]:
    if math.comb(len(names), k) <= most:
        yield from map(frozenset, combinations(names, k))
        return
    for _ in range(most):
        yield frozenset(rng.choice(np.array(names), size=k, replace=False).tolist())
