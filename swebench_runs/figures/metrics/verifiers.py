"""How good the verifiers were: generated tests and the judge, against the grades. What has no grade is left out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from pydantic import BaseModel, ConfigDict

from environments.workbench.outcome import Outcome
from selection.rules.evidence import outcome
from swebench_runs.figures.metrics.bootstrap import Array, Estimate, Resampler
from swebench_runs.figures.metrics.graded import GradedTask
from verifiers.ballot import BASE, P_YES, Ballot


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class QualityOfTests(_Frozen):
    """Shares over tests; the last three over the tests of tasks that have right and wrong candidates."""

    tests: int
    reproduce: Estimate
    """Share that fail on the base."""
    distinguish: Estimate
    """Share whose best pass among the wrong candidates differs from that among the right ones (R2E-Gym)."""
    toxic: Estimate
    """Share whose best pass among the wrong candidates is the greater one (R2E-Gym)."""
    pairwise: Estimate
    """Share of (test, right, wrong) in which the test passes on the right candidate and not on the wrong one."""
    unmeasured: int
    """Tests that were never run on the base: nobody knows whether they reproduce."""


def quality_of_tests(tasks: Sequence[GradedTask], resampler: Resampler, *, reproducing: bool) -> QualityOfTests:
    """Measure the generated tests: all of them, or only those that reproduce the issue."""
    rows = np.array([_counts(task, reproducing=reproducing) for task in tasks], dtype=np.float64).reshape(-1, 8)
    tests, run, reproduce, contested, distinguish, toxic, pairs, ordered = rows.T
    return QualityOfTests(
        tests=int(tests.sum()),
        unmeasured=int(tests.sum() - run.sum()),
        reproduce=resampler.ratio(reproduce, run, int(run.sum())),
        distinguish=resampler.ratio(distinguish, contested, int(contested.sum())),
        toxic=resampler.ratio(toxic, contested, int(contested.sum())),
        pairwise=resampler.ratio(ordered, pairs, int(pairs.sum())),
    )


def _counts(task: GradedTask, *, reproducing: bool) -> tuple[int, ...]:
    """Return one task's tests, those run on the base, reproducing, contested, distinguishing, toxic, pairs, ordered.

    A cell of the ballot that was not run says nothing about either candidate, so it is left out of every count.
    """
    ballot = task.ballot
    tests = [test for test in ballot.tests if ballot.reproduces(test) or not reproducing]
    right = [candidate.id for candidate in ballot.candidates if task.resolved.get(candidate.id) is True]
    wrong = [candidate.id for candidate in ballot.candidates if task.resolved.get(candidate.id) is False]
    contested = distinguish = toxic = pairs = ordered = 0
    for test in tests:
        good, bad = ([_passes(ballot, test, c) for c in side if _ran(ballot, test, c)] for side in (right, wrong))
        if good and bad:
            contested += 1
            distinguish += any(good) != any(bad)
            toxic += any(bad) > any(good)
            pairs += len(good) * len(bad)
            ordered += sum(r and not w for r, w in product(good, bad))
    run = sum(_ran(ballot, test, BASE) for test in tests)
    return len(tests), run, sum(map(ballot.reproduces, tests)), contested, distinguish, toxic, pairs, ordered


def _ran(ballot: Ballot, test: str, tree: str) -> bool:
    return outcome(ballot, test, tree) is not Outcome.MISSING


def _passes(ballot: Ballot, test: str, tree: str) -> bool:
    return outcome(ballot, test, tree) is Outcome.PASS


class QualityOfJudge(_Frozen):
    """A judge as a classifier of trajectories' patches (area under the ROC curve; 0.5 says nothing)."""

    scored: int
    missing: int
    """Graded patches without a score."""
    auc: Estimate
    """Over pairs of all tasks together; n counts the pairs."""
    auc_within: Estimate
    """Over pairs of the same task, which is what choosing needs."""


def quality_of_judges(tasks: Sequence[GradedTask], resampler: Resampler) -> dict[str, QualityOfJudge]:
    """Measure every judge that scored anything, by its name; ``p-yes`` comes first, asked or not."""
    asked = (name for task in tasks for entry in task.editing for name in entry.scores)
    return {name: quality_of_judge(tasks, resampler, name) for name in dict.fromkeys((P_YES, *asked))}


def quality_of_judge(tasks: Sequence[GradedTask], resampler: Resampler, judge: str = P_YES) -> QualityOfJudge:
    """Measure a judge's scores against the grades, ties counting one half."""
    right, wrong = ([_scores(task, grade, judge) for task in tasks] for grade in (True, False))
    patches = sum(entry.candidate in task.resolved for task in tasks for entry in task.editing)
    scored = sum(map(len, right)) + sum(map(len, wrong))
    wins = np.array([[_wins(r, w) for w in wrong] for r in right], dtype=np.float64).reshape(len(tasks), len(tasks))
    pairs = np.array([[len(r) * len(w) for w in wrong] for r in right], dtype=np.float64).reshape(wins.shape)
    total = float(pairs.sum())
    return QualityOfJudge(
        scored=scored,
        missing=patches - scored,
        auc=resampler.interval(
            float(wins.sum()) / total if total else None,
            _between(resampler, wins),
            _between(resampler, pairs),
            int(total),
        ),
        auc_within=resampler.ratio(np.diag(wins), np.diag(pairs), int(np.trace(pairs))),
    )


def _scores(task: GradedTask, grade: bool, judge: str) -> list[float]:
    """Return a judge's scores of the trajectories whose patch has that grade."""
    graded = {candidate for candidate, found in task.resolved.items() if found is grade}
    entries = [entry for entry in task.editing if entry.candidate in graded]
    return [score for entry in entries if (score := entry.scores.get(judge)) is not None]


def _wins(right: Sequence[float], wrong: Sequence[float]) -> float:
    """Count the pairs in which the right one has the higher score; a tie is one half."""
    ordered = np.sort(np.asarray(wrong, dtype=np.float64))
    scores = np.asarray(right, dtype=np.float64)
    below, up_to = np.searchsorted(ordered, scores, "left"), np.searchsorted(ordered, scores, "right")
    return float((below + up_to).sum()) / 2


def _between(resampler: Resampler, matrix: Array) -> Array:
    """Return per resample the sum of a tasks x tasks matrix, both sides drawn by the same clusters."""
    clusters = resampler.members @ matrix @ resampler.members.T
    return np.asarray(((resampler.weights @ clusters) * resampler.weights).sum(axis=1), dtype=np.float64)
