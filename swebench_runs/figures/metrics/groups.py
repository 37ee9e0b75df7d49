"""Figures by group: each repository, and each system whose attempts were given (``runoff select --execute``)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from swebench_runs.figures.metrics.bootstrap import Estimate, Resampler
from swebench_runs.figures.metrics.graded import GradedTask

LEVELS = ("high", "medium", "low", "none")
"""How sure a decision says it is, the surest first."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Group(_Frozen):
    """One repository's tasks, or those that one system has attempts at."""

    kind: Literal["repository", "system"]
    name: str
    tasks: int
    attempts: int
    random: float
    """Mean over tasks of the share of (its) attempts that are right."""
    decision: float
    """Share of the tasks whose decision is right."""
    oracle: float
    """Share of the tasks with a right attempt (of its)."""


class Coverage(_Frozen):
    """Answering only where the decision is at least so sure."""

    least: str
    coverage: float
    """Share of the tasks that are answered then."""
    precision: Estimate
    """Share of those, as far as they are graded, that are right."""


def groups(tasks: Sequence[GradedTask]) -> tuple[Group, ...]:
    """Return the figures of every repository, then of every system that is named, where there are several of a kind.

    A repository of its own for each task is no group.
    """
    by_repository = defaultdict(list)
    for task in tasks:
        by_repository[task.cluster].append(task)
    several = 1 < len(by_repository) < len(tasks)
    repositories = sorted(by_repository.items()) if several else ()
    found = [_group("repository", name, part, _all_attempts) for name, part in repositories]
    systems = sorted({one.model for task in tasks for one in task.of_kind("edit") if one.model})
    for name in systems if len(systems) > 1 else ():
        taken = [task for task in tasks if list(_attempts_of(name)(task))]
        found.append(_group("system", name, taken, _attempts_of(name)))
    return tuple(found)


def coverage(tasks: Sequence[GradedTask], resampler: Resampler) -> tuple[Coverage, ...]:
    """Return precision against coverage, level by level of the decisions' confidence."""
    right = np.array([float(task.decided_right) for task in tasks])
    found = []
    for place, level in enumerate(LEVELS):
        levels = LEVELS[: place + 1]
        sure = np.array([float(task.decision is not None and task.decision.confidence in levels) for task in tasks])
        graded = sure * np.array([float(task.evaluated) for task in tasks])
        share = float(sure.mean()) if len(tasks) else 0.0
        precision = resampler.ratio(right * graded, graded, int(graded.sum()))
        found.append(Coverage(least=level, coverage=share, precision=precision))
    return tuple(found)


_Attempts = Callable[[GradedTask], Iterator[bool]]


def _all_attempts(task: GradedTask) -> Iterator[bool]:
    yield from (task.right(entry.candidate) for entry in task.editing)
    yield from (False for _ in range(task.attempts - len(task.editing)))


def _attempts_of(system: str) -> _Attempts:
    def attempts(task: GradedTask) -> Iterator[bool]:
        yield from (task.right(one.candidate) for one in task.of_kind("edit") if one.model == system)

    return attempts


def _group(kind: Literal["repository", "system"], name: str, tasks: Sequence[GradedTask], attempts: _Attempts) -> Group:
    made = [list(attempts(task)) for task in tasks]
    shares = [sum(row) / len(row) if row else 0.0 for row in made]
    return Group(
        kind=kind,
        name=name,
        tasks=len(tasks),
        attempts=sum(map(len, made)),
        random=sum(shares) / len(tasks),
        decision=sum(task.decided_right for task in tasks) / len(tasks),
        oracle=sum(any(row) for row in made) / len(tasks),
    )
