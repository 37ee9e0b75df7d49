"""The figures of the bench as they are written to JSON; every interval is at the level ``level``.

A field ``x_ci`` is clustered by repository, as the project defines it; with few repositories it is coarse, so
``x_ci_tasks`` stands beside it, over tasks drawn one by one.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Interval = tuple[float, float] | None
"""None where it is undefined: one cluster, or a figure that is undefined itself."""


class Frozen(BaseModel):
    """What every figure is: immutable, and without a field that is not named here."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Share(Frozen):
    """A mean over tasks."""

    value: float | None
    ci: Interval
    ci_tasks: Interval


class Scored(Frozen):
    """How well something chooses."""

    best: float
    """Mean over tasks of the chance that its choice resolves the task."""
    best_ci: Interval
    best_ci_tasks: Interval
    gap_closed: float | None
    """(best - random) / (oracle - random), on the means over tasks; None where oracle and random are the same."""
    gap_closed_ci: Interval
    gap_closed_ci_tasks: Interval


class RuleScored(Scored):
    """A rule over the whole pool."""

    needs_tests: bool
    """It reads outcomes of tests or a judge, which a pool of patches has not: it is left with its tie-breaks."""


class RuleDifference(Frozen):
    """Two ways of choosing on the same tasks: the mean of the first minus the second."""

    first: str
    second: str
    difference: float
    ci: Interval
    ci_tasks: Interval
    better: int
    """Tasks on which the first has the greater chance."""
    worse: int
    equal: int


class CurvePoint(Frozen):
    """Choosing among K rows: means over random subsets of each task's rows, on the tasks that have K rows."""

    k: int
    tasks: int
    random: float
    oracle: float
    """oracle@K, unbiased."""
    rules: dict[str, Scored]


class Bin(Frozen):
    """Tasks of about the same confidence."""

    tasks: int
    low: float
    high: float
    confidence: float
    """Its mean."""
    precision: float


class Coverage(Frozen):
    """The share of right choices among the tasks of the highest confidence."""

    coverage: float
    """Share of the tasks that are answered."""
    precision: float


class AtThreshold(Frozen):
    """Answering only where the confidence is high enough."""

    threshold: float | None
    """None where each task has the threshold of its fold's model."""
    coverage: float
    precision: float | None
    above_overall: Share
    """Precision minus the rate over all tasks, paired."""


class Confidence(Frozen):
    """How far the confidence in consensus' choice can be believed."""

    ece: float
    """Expected calibration error: over bins of equally many tasks, the mean distance of confidence and precision."""
    brier: float
    overall: float
    """Precision when every task is answered."""
    reliability: tuple[Bin, ...]
    curve: tuple[Coverage, ...]
    half: AtThreshold
    """At the threshold where half of the tasks are answered; ties at it count in part."""
    committed: AtThreshold
    """At the models' own threshold."""


class LeftOut(Frozen):
    """A model fitted without one family's rows, on the tasks that the family takes part in, its rows to choose too."""

    family: str
    tasks: int
    random: float
    oracle: float
    without: Scored
    with_its_rows: Scored
    """The same tasks and the same two folds, nothing left out."""


class RepositoryGroup(Frozen):
    """The rows of one family alone, on the tasks where it has two or more patches."""

    family: str
    tasks: int
    rows: int
    random: float
    oracle: float
    rules: dict[str, Scored]
    consensus_minus_majority: RuleDifference | None
    mean_confidence: float | None
    precision: float | None
    """Of consensus' choices, on every task."""
    below_majority: bool


class Controls(Frozen):
    """What choosing by something else than the change comes to, and how far consensus leans on single systems."""

    formatting: Scored | None
    """By a model of how the diff is written down; None where it cannot be cross-validated by repository."""
    knows_the_system: Scored | None
    """By the mean success of a row's system on other repositories; None where the pool names no systems."""
    consensus_minus_formatting: RuleDifference | None
    left_out: tuple[LeftOut, ...]
    groups: tuple[RepositoryGroup, ...]
    notes: tuple[str, ...]


class Verifier(Frozen):
    """The model behind ``consensus``."""

    version: str | None
    how: Literal["as committed", "cross-validated by repository", "not measured"]
    fitted_on: str | None
    """The hash of the pool that the committed model was fitted on."""
    seen: int
    """Tasks of this pool that the committed model was fitted on."""
    note: str


class SelectionReport(Frozen):
    """Everything that ``runoff bench selection`` measured."""

    n: int
    """Tasks."""
    rows: int
    clusters: int
    """Repositories."""
    mixed: int
    """Tasks with right and wrong rows: only there does choosing matter."""
    without_statement: int
    pool: str
    """Hash of the pool's changes and grades."""
    seed: int
    resamples: int
    level: float
    subsets: int
    random: Share
    oracle: Share
    verifier: Verifier
    rules: dict[str, RuleScored]
    differences: tuple[RuleDifference, ...]
    curves: tuple[CurvePoint, ...]
    confidence: Confidence | None
    controls: Controls | None
    cpu_seconds: float
    versions: dict[str, str]
    machine: dict[str, str | int]
