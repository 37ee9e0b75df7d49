"""How far each rule gets on a pool of graded patches: the bench as one function."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from selection.rules import PATCH_RULES
from swebench_runs.bench.rules.choosing import CONSENSUS, by_rule, chance_of_rules, rules_for
from swebench_runs.bench.rules.confidence import measure_confidence
from swebench_runs.bench.rules.controls.measure import measure_controls
from swebench_runs.bench.rules.curves import measure_curves
from swebench_runs.bench.rules.estimates import Estimator
from swebench_runs.bench.rules.figures import Confidence, RuleScored, SelectionReport
from swebench_runs.bench.rules.models import Fitter, Models, models_for, repositories_of
from swebench_runs.choosing.labelled_pool import LabelledTask, pool_hash
from swebench_runs.errors import UsageError
from swebench_runs.figures.metrics.bootstrap import LEVEL, RESAMPLES, Array
from swebench_runs.run_folder.computer import computer, versions
from verifiers.consensus import Consensus


@dataclass(frozen=True)
class Measures:
    """What is to be measured beside the rules."""

    subsets: int = 1000
    """Most subsets of a task per K; 0: no curves."""
    controls: bool = True


def measure_selection(
    tasks: Sequence[LabelledTask], committed: Consensus, fitter: Fitter, asked: Measures
) -> SelectionReport:
    """Measure every rule on the tasks; the same pool, model and seed give the same figures.

    UsageError for a pool without tasks.
    """
    if not tasks:
        raise UsageError("the pool holds no graded patches: a line needs instance_id, model_patch and resolved")
    started = time.process_time()
    estimator = Estimator.of(tasks, seed=fitter.seed)
    models = models_for(tasks, committed, fitter)
    fitter.say(f"consensus: {models.verifier.how}; {models.verifier.note}")
    chance = by_rule([chance_of_rules(task, rules_for(task, models)) for task in tasks])
    curves = (
        measure_curves(tasks, models, limit=asked.subsets, seed=fitter.seed, say=fitter.say) if asked.subsets else ()
    )
    controls = measure_controls(tasks, models, chance.get(CONSENSUS), estimator, fitter) if asked.controls else None
    return SelectionReport(
        n=len(tasks),
        rows=sum(len(task.rows) for task in tasks),
        clusters=len(repositories_of(tasks)),
        mixed=int(((estimator.mean > 0) & (estimator.mean < 1)).sum()),
        without_statement=sum(not task.statement.strip() for task in tasks),
        pool=pool_hash(tasks),
        seed=fitter.seed,
        resamples=RESAMPLES,
        level=LEVEL,
        subsets=asked.subsets,
        random=estimator.share(estimator.mean),
        oracle=estimator.share(estimator.oracle),
        verifier=models.verifier,
        rules={name: _rule(name, values, estimator) for name, values in chance.items()},
        differences=estimator.differences({name: chance[name] for name in PATCH_RULES if name in chance}),
        curves=curves,
        confidence=_confidence(tasks, models, chance.get(CONSENSUS), estimator),
        controls=controls,
        cpu_seconds=round(time.process_time() - started, 1),
        versions=versions(),
        machine=computer(),
    )


def _rule(name: str, chance: Array, estimator: Estimator) -> RuleScored:
    return RuleScored(**estimator.scored(chance).model_dump(), needs_tests=name not in PATCH_RULES)


def _confidence(
    tasks: Sequence[LabelledTask], models: Models, right: Array | None, estimator: Estimator
) -> Confidence | None:
    if right is None:
        return None
    sure = np.array([models.confidence(task) for task in tasks])
    thresholds = np.array([models.of(task).threshold for task in tasks])
    return measure_confidence(sure, right, thresholds, estimator)
