"""All controls of one pool."""

from __future__ import annotations

from collections.abc import Sequence

from swebench_runs.bench.rules.controls.formatting import choose_by_formatting
from swebench_runs.bench.rules.controls.groups import families_of, measure_groups
from swebench_runs.bench.rules.controls.left_out import measure_left_out
from swebench_runs.bench.rules.controls.systems import choose_by_system
from swebench_runs.bench.rules.estimates import Estimator
from swebench_runs.bench.rules.figures import Controls, LeftOut
from swebench_runs.bench.rules.models import Fitter, Models, repositories_of
from swebench_runs.choosing.labelled_pool import LabelledTask
from swebench_runs.errors import UsageError
from swebench_runs.figures.metrics.bootstrap import Array


def measure_controls(
    tasks: Sequence[LabelledTask], models: Models, consensus: Array | None, estimator: Estimator, fitter: Fitter
) -> Controls:
    """Measure every control; what a pool does not allow is None or empty, and a note says why."""
    notes = []
    formatting = choose_by_formatting(tasks, seed=fitter.seed)
    if formatting is None:
        notes.append("formatting only: one repository, or grades all the same, cannot be cross-validated")
    system = choose_by_system(tasks)
    if system is None:
        notes.append("knows the system: no row names its system")
    if not families_of(tasks):
        notes.append("leave one system out, single systems: no row names its model")
    left_out, note = _left_out(tasks, fitter)
    apart = None
    if consensus is not None and formatting is not None:
        apart = estimator.difference("consensus", "formatting", consensus, formatting)
    return Controls(
        formatting=None if formatting is None else estimator.scored(formatting),
        knows_the_system=None if system is None else estimator.scored(system),
        consensus_minus_formatting=apart,
        left_out=left_out,
        groups=measure_groups(tasks, models, seed=fitter.seed),
        notes=(*notes, *note),
    )


def _left_out(tasks: Sequence[LabelledTask], fitter: Fitter) -> tuple[tuple[LeftOut, ...], list[str]]:
    if not families_of(tasks):
        return (), []
    if len(repositories_of(tasks)) < 2:
        return (), ["leave one system out: one repository leaves nothing to fit on"]
    try:
        return measure_left_out(tasks, fitter, seed=fitter.seed)
    except UsageError as error:
        return (), [f"leave one system out: {error}"]
