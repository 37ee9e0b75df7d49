"""Cross-validation of a fitted verifier: every repository is judged by a model that never saw it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from swebench_runs.fitting.consensus import fit, fittable
from swebench_runs.labelled_pool import LabelledTask
from swebench_runs.metrics.bootstrap import Array, Estimate, Resampler
from verifiers.consensus import Consensus

_TIE = 1e-9


def by_repository(tasks: Sequence[LabelledTask], *, seed: int) -> Iterator[tuple[str, Consensus]]:
    """Yield each repository with the model that was fitted on the tasks of all others."""
    for repository in sorted({task.repository for task in tasks}):
        yield repository, fit([task for task in tasks if task.repository != repository], seed=seed)


def validated(
    model: Consensus, tasks: Sequence[LabelledTask], *, seed: int, tell: Callable[[str], object]
) -> Consensus:
    """Return the model with a cross-validation by repository in its report; ``tell`` takes a line of progress."""
    if not _can_be_validated(tasks):
        tell("not cross-validated: it takes two repositories, and right and wrong candidates outside of each")
        return model
    chosen: dict[str, float] = {}
    for repository, fitted in by_repository(tasks, seed=seed):
        own = [task for task in tasks if task.repository == repository]
        for task in own:
            chosen[task.instance_id] = _chosen(task, fitted)
        tell(f"cross-validated on {repository}: {len(own)} tasks")
    figures = _figures(tasks, np.array([chosen[task.instance_id] for task in tasks]), seed)
    report = {**model.report, "cross_validation": {"by": "repository", "seed": seed, **figures}}
    return model.model_copy(update={"report": report})


def summary_of(model: Consensus) -> str:
    """Return the training report in a sentence or two."""
    report = model.report
    fitted = f"Fitted on {report['candidates']} candidates of {report['tasks']} tasks ({report['pool_hash']})."
    found = report.get("cross_validation")
    if found is None:
        return fitted
    best, gap = Estimate.model_validate(found["best"]), Estimate.model_validate(found["gap_closed"])
    if gap.value is None:
        return f"{fitted} Cross-validated: no task has both right and wrong candidates, so nothing can be closed."
    between = "" if gap.low is None or gap.high is None else f" [{gap.low:.0%}, {gap.high:.0%}]"
    return (
        f"{fitted} Cross-validated by repository: {best.value:.1%} resolved (random {found['random']:.1%}, "
        f"oracle {found['oracle']:.1%}), {gap.value:.0%}{between} of the gap closed."
    )


def _can_be_validated(tasks: Sequence[LabelledTask]) -> bool:
    repositories = {task.repository for task in tasks}
    rest = [[task for task in tasks if task.repository != repository] for repository in repositories]
    return len(repositories) > 1 and all(map(fittable, rest))


def _chosen(task: LabelledTask, model: Consensus) -> float:
    """Return the chance that the model's choice is right; ties in expectation."""
    scores = model.log_odds(task.evidence)
    return float(task.chances[scores >= scores.max() - _TIE].mean()) if len(scores) else 0.0


def _figures(tasks: Sequence[LabelledTask], chosen: Array, seed: int) -> dict[str, Any]:
    random = np.array([np.mean([row.resolved for row in task.rows]) for task in tasks])
    oracle = np.array([float(any(row.resolved for row in task.rows)) for task in tasks])
    resampler = Resampler.of([task.repository for task in tasks], seed=seed)
    return {
        "random": float(random.mean()),
        "oracle": float(oracle.mean()),
        "best": resampler.mean(chosen).model_dump(mode="json"),
        "gap_closed": resampler.ratio(chosen - random, oracle - random).model_dump(mode="json"),
    }
