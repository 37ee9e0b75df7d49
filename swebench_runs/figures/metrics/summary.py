"""Every figure of a run, for all its tasks and for each kind of issue statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from agent.trajectory.call_record import Calls
from selection.rules import RULES, Rule
from swebench_runs.figures.metrics.bootstrap import LEVEL, RESAMPLES, Array, Estimate, Resampler
from swebench_runs.figures.metrics.curves import Curves, curves
from swebench_runs.figures.metrics.estimators import Chances, oracle_at_k
from swebench_runs.figures.metrics.funnel import Funnel, funnel
from swebench_runs.figures.metrics.gate import QualityOfGate, quality_of_gate
from swebench_runs.figures.metrics.graded import GradedTask
from swebench_runs.figures.metrics.groups import Coverage, Group, coverage, groups
from swebench_runs.figures.metrics.losses import Loss, losses
from swebench_runs.figures.metrics.machine import MachineUse, together
from swebench_runs.figures.metrics.spending import Spending, Spent, of_run, spending
from swebench_runs.figures.metrics.verifiers import QualityOfJudge, QualityOfTests, quality_of_judges, quality_of_tests


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SingleCallFigures(_Frozen):
    """The comparison: calls of the same model with one turn, no tests and no choosing."""

    calls: int
    """Calls per task, the most of any; a task with fewer counts the others as failed."""
    pass_at_1: Estimate
    oracle: Estimate
    """oracle@k at k = ``calls``."""


class Section(_Frozen):
    """The figures of one set of tasks."""

    tasks: int
    clusters: int
    resolved: Estimate
    """Share of the tasks asked for whose decision resolves them."""
    resolved_of_evaluated: Estimate
    precision: Estimate
    """Share of the graded decisions that Runoff stands by which resolve their task; n counts those decisions."""
    ungraded: int
    """Candidates that nobody has tried to grade: with any of them, figures that need every grade are None."""
    curves: Curves | None
    single: SingleCallFigures | None
    """None where the run made no single calls, too."""
    tests: QualityOfTests
    reproducing_tests: QualityOfTests
    gate: QualityOfGate
    judges: dict[str, QualityOfJudge] | None
    """By the judge's name."""
    funnel: Funnel
    losses: dict[Loss, int]
    spending: tuple[Spending, ...]
    """By stage, in order."""
    spent: Spent
    """All stages together, without the single calls beside them."""
    seconds_per_task: Estimate
    """Wall seconds."""
    machine: MachineUse = MachineUse()
    calls: Calls = Calls()
    coverage: tuple[Coverage, ...] = ()
    """Precision against coverage, by how sure the decisions say they are."""
    groups: tuple[Group, ...] = ()
    """By repository and by system, where there are several of either."""


class Summary(_Frozen):
    """The figures of a run."""

    seed: int
    resamples: int = RESAMPLES
    level: float = LEVEL
    sections: dict[str, Section]
    """``all``, then ``example``, ``issue`` and ``prose`` where there are such tasks."""


def summarise(tasks: Sequence[GradedTask], *, seed: int = 0, rules: Mapping[str, Rule] = RULES) -> Summary:
    """Compute every figure of a run from its graded tasks; the same input gives the same figures.

    ``rules``: those that are compared; the fewer, the quicker.
    """
    chosen: dict[str, list[GradedTask]] = {"all": list(tasks)}
    for task in sorted(tasks, key=lambda task: task.kind):
        chosen.setdefault(task.kind, []).append(task)
    chances = Chances.over(len(tasks), rules, seed=seed)
    return Summary(seed=seed, sections={name: section(part, chances) for name, part in chosen.items()})


def section(tasks: Sequence[GradedTask], chances: Chances) -> Section:
    """Compute the figures of one set of tasks."""
    resampler = Resampler.of([task.cluster for task in tasks], seed=chances.seed)
    right = _array(task.decided_right for task in tasks)
    evaluated = _array(task.evaluated for task in tasks)
    stood_by = _array(task.evaluated and task.decision is not None and not task.decision.abstained for task in tasks)
    ungraded = sum(len(task.ungraded) for task in tasks)
    spent = [task.spent for task in tasks]
    return Section(
        tasks=len(tasks),
        clusters=len({task.cluster for task in tasks}),
        resolved=resampler.mean(right),
        resolved_of_evaluated=resampler.ratio(right * evaluated, evaluated, int(evaluated.sum())),
        precision=resampler.ratio(right * stood_by, stood_by, int(stood_by.sum())),
        ungraded=ungraded,
        curves=None if ungraded else curves(tasks, chances, resampler),
        single=None if ungraded else _single_calls(tasks, resampler),
        tests=quality_of_tests(tasks, resampler, reproducing=False),
        reproducing_tests=quality_of_tests(tasks, resampler, reproducing=True),
        gate=quality_of_gate(tasks, resampler),
        judges=None if ungraded else quality_of_judges(tasks, resampler),
        funnel=funnel(tasks),
        losses=losses(tasks),
        spending=spending(spent, resampler),
        spent=of_run([part for task in spent for part in task]),
        seconds_per_task=resampler.mean(_array(task.seconds for task in tasks)),
        machine=together(task.machine for task in tasks),
        calls=sum((task.calls for task in tasks), Calls()),
        coverage=() if ungraded else coverage(tasks, resampler),
        groups=() if ungraded else groups(tasks),
    )


def _single_calls(tasks: Sequence[GradedTask], resampler: Resampler) -> SingleCallFigures | None:
    made = [task.of_kind("single") for task in tasks]
    calls = max(map(len, made), default=0)
    if not calls:
        return None
    right = [sum(task.right(call.candidate) for call in row) for task, row in zip(tasks, made, strict=True)]
    return SingleCallFigures(
        calls=calls,
        pass_at_1=resampler.mean(_array(count / calls for count in right)),
        oracle=resampler.mean(_array(oracle_at_k(calls, count, calls) for count in right)),
    )


def _array(values: Iterable[float]) -> Array:
    return np.fromiter(values, dtype=np.float64)
