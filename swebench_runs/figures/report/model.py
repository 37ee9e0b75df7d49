"""The report as data: what report.json holds, and what the terminal and the page are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from selection.decision import Decision
from selection.rules import RULES, Rule
from swebench_runs.figures.metrics import GradedTask, StatementKind, Summary, TaskState, summarise
from swebench_runs.figures.metrics.losses import Loss, loss
from swebench_runs.figures.report.story import Story, headline, tell

SCHEMA = 2
RULES_FROM = 10
"""Tasks from which on rules are compared unless asked: below, the table holds next to nothing but zeros and ones."""

FEW = 8
"""Tasks up to which a report shows the patches of those that are resolved before anything else."""


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
    state: TaskState
    """``resolved``: the decision's patch resolves the task, whether or not Runoff stands by it."""
    right_so_far: bool = False
    """It is undecided, and the best patch so far, which is handed in, is graded right."""
    stage: Loss
    """Where it was lost."""
    attempts: int
    """Editing trajectories asked for."""
    successes: int
    """... whose patch is graded right."""
    grades: Mapping[str, bool]
    """Candidate id -> grade."""
    decision: Decision | None
    story: Story
    seconds: float

    @property
    def abstained(self) -> bool:
        """Runoff would not stand by its answer."""
        return self.decision is not None and self.decision.abstained

    @property
    def resolved(self) -> bool:
        """The decision's patch is graded right."""
        return self.state is TaskState.RESOLVED


class Report(BaseModel):
    """Everything that report.json says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = SCHEMA
    run: RunHeader
    summary: Summary
    no_rules: str = ""
    """Why the rules are not compared; empty where they are."""
    tasks: tuple[TaskResult, ...]

    @property
    def headline(self) -> str:
        """How many of its tasks stand how."""
        return headline(Counter(task.state for task in self.tasks), sum(task.right_so_far for task in self.tasks))


def make_report(
    tasks: Sequence[GradedTask],
    run: RunHeader,
    *,
    seed: int = 0,
    rules: Mapping[str, Rule] = RULES,
    all_rules: bool = False,
) -> Report:
    """Compute a run's report; ``seed`` is that of subsets and resamples.

    ``rules`` are compared from RULES_FROM tasks on, or always with ``all_rules``.
    """
    no_rules = _no_rules(tasks, rules, all_rules=all_rules)
    results = tuple(
        TaskResult(
            instance_id=task.instance_id,
            kind=task.kind,
            cluster=task.cluster,
            state=task.state,
            right_so_far=task.right_so_far,
            stage=loss(task),
            attempts=task.attempts,
            successes=task.successes,
            grades=dict(task.resolved),
            decision=task.decision,
            story=tell(task),
            seconds=task.seconds,
        )
        for task in tasks
    )
    summary = summarise(tasks, seed=seed, rules={} if no_rules else rules)
    return Report(run=run, summary=summary, no_rules=no_rules, tasks=results)


def _no_rules(tasks: Sequence[GradedTask], rules: Mapping[str, Rule], *, all_rules: bool) -> str:
    """Say in a line why the rules are not compared, and what to do to see them; nothing where they are."""
    if any(task.kind == "checkout" for task in tasks):
        return "No hidden test says which patch of a checkout is right, so rules cannot be compared."
    if ungraded := sum(len(task.ungraded) for task in tasks):
        patches = "1 patch is" if ungraded == 1 else f"{ungraded} patches are"
        return f"{patches} not graded: `runoff grade --all RUN` grades every candidate, then rules can be compared."
    if not any(task.attempts for task in tasks):
        return "No editing trajectories were asked for."
    if len(tasks) < RULES_FROM and not all_rules:
        return f"{len(rules)} rules are compared from {RULES_FROM} tasks on; `runoff report --all-rules` does it here."
    return ""
