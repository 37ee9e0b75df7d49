"""The report as data: what report.json holds, and what the terminal and the page are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from selection.decision import Decision
from selection.rules import RULES, Rule
from swebench_runs.figures.metrics import GradedTask, StatementKind, Summary, summarise
from swebench_runs.figures.metrics.funnel import Loss, loss

SCHEMA = 1


class RunHeader(BaseModel):
    """What a run was: the keys of run.yaml that a report shows; others are left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    run_id: str
    started: str = ""
    config: dict[str, Any] = {}
    versions: dict[str, str] = {}
    machine: dict[str, str | int] = {}


class TaskResult(BaseModel):
    """How one task ended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instance_id: str
    kind: StatementKind
    cluster: str
    evaluated: bool
    resolved: bool
    """The decision's patch resolves the task, whether or not Runoff stands by it."""
    stage: Loss
    """Where it was lost."""
    attempts: int
    """Editing trajectories asked for."""
    successes: int
    """... that resolve the task."""
    grades: Mapping[str, bool]
    """Candidate id -> grade."""
    decision: Decision | None
    seconds: float

    @property
    def abstained(self) -> bool:
        """Runoff would not stand by its answer."""
        return self.decision is not None and self.decision.abstained

    @property
    def word(self) -> str:
        """Return the result in one word or two."""
        return "not evaluated" if not self.evaluated else "resolved" if self.resolved else "unresolved"


class Report(BaseModel):
    """Everything that report.json says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = SCHEMA
    run: RunHeader
    summary: Summary
    tasks: tuple[TaskResult, ...]


def make_report(
    tasks: Sequence[GradedTask], run: RunHeader, *, seed: int = 0, rules: Mapping[str, Rule] = RULES
) -> Report:
    """Compute a run's report; ``seed`` is that of subsets and resamples."""
    results = tuple(
        TaskResult(
            instance_id=task.instance_id,
            kind=task.kind,
            cluster=task.cluster,
            evaluated=task.evaluated,
            resolved=task.decided_right,
            stage=loss(task),
            attempts=task.attempts,
            successes=task.successes,
            grades=dict(task.resolved),
            decision=task.decision,
            seconds=task.seconds,
        )
        for task in tasks
    )
    return Report(run=run, summary=summarise(tasks, seed=seed, rules=rules), tasks=results)
