"""``make acceptance-hybrid``: the whole system against each part alone, on every stored pool of 24 tasks or more.

The pools are runs that were kept with the project, replayed: nothing is asked, run or graded. A run's folder that is
named beside them is measured too.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from acceptance.pool import stored_pool
from acceptance.record import MEASUREMENTS, Record, recording
from selection.rules import RULES
from swebench_runs.after_run.graded_tasks import graded_tasks
from swebench_runs.figures.metrics import GradedTask, summarise
from swebench_runs.figures.metrics.curves import DECISION, Difference
from swebench_runs.run_folder.store import Run

LEAST = 24
SEED = 0
HYBRIDS = (DECISION, "runoff", "gates-then-consensus", "r2e-hybrid")
"""The whole system, run-off included; and the rules that weigh execution and something else."""
ALONE = (
    *("random", "first", "majority", "medoid", "consensus", "votes", "codemonkeys", "regression-then-votes"),
    *("weighted-votes", "dawid-skene", "eb", "judge", "ef"),
)


def main() -> None:
    """Measure every pool."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("runs", type=Path, nargs="*", help="graded runs beside the stored pools")
    given = options.parse_args()
    with recording(Record("hybrid_alone", n=0, unit="tasks", seed=SEED)) as record:
        for name, tasks in _pools(given.runs):
            done = [task for task in tasks if task.decision is not None and not task.ungraded]
            if len(done) < LEAST:
                record.notes.append(f"{name}: {len(done)} tasks that are decided and graded, fewer than {LEAST}")
                continue
            record.figures[name] = _measured(done)
            record.n += len(done)
        measured = [name for name in record.figures if isinstance(record.figures[name], dict)]
        record.check("at least one pool is measured", bool(measured), ", ".join(measured))


def _pools(more: Sequence[Path]) -> Iterator[tuple[str, list[GradedTask]]]:
    """Yield each pool's name and tasks."""
    for archive in sorted(MEASUREMENTS.glob("*.tar.xz")):
        with tempfile.TemporaryDirectory(prefix="runoff-pool-") as folder:
            place = Path(folder) / "run"
            stored_pool.restore(place, archive)
            yield archive.name.removesuffix(".tar.xz"), graded_tasks(Run.load(place))
    for path in more:
        yield path.name, graded_tasks(Run.load(path))


def _measured(tasks: Sequence[GradedTask]) -> dict[str, Any]:
    summary = summarise(tasks, seed=SEED, rules={name: RULES[name] for name in RULES if name in (*HYBRIDS, *ALONE)})
    section = summary.sections["all"]
    curves = section.curves
    assert curves is not None
    pairs = {(one.first, one.second): one for one in curves.differences}
    return {
        "tasks": len(tasks),
        "mixed": sum(0 < task.successes < task.attempts for task in tasks),
        "attempts": curves.ks[-1],
        "clusters": section.clusters,
        "random": curves.pass_at_1.model_dump(mode="json"),
        "oracle": curves.oracle[-1].model_dump(mode="json"),
        "rules": {
            name: {
                "right": points[-1].best.model_dump(mode="json"),
                "gap_closed": points[-1].gap.model_dump(mode="json"),
            }
            for name, points in curves.rules.items()
        },
        "hybrid_minus_alone": {
            hybrid: {alone: found for alone in ALONE if (found := _apart(pairs, hybrid, alone))}
            for hybrid in HYBRIDS
            if hybrid in curves.rules
        },
        "tests": section.reproducing_tests.model_dump(mode="json"),
        "gate": section.gate.model_dump(mode="json"),
    }


def _apart(pairs: dict[tuple[str, str], Difference], hybrid: str, alone: str) -> dict[str, Any] | None:
    """Return the paired difference of two, whichever way round it was computed."""
    if found := pairs.get((hybrid, alone)):
        return found.model_dump(mode="json", exclude={"first", "second"})
    if found := pairs.get((alone, hybrid)):
        one = found.difference
        turned = {
            "value": None if one.value is None else -one.value,
            "low": None if one.high is None else -one.high,
            "high": None if one.low is None else -one.low,
        }
        return {
            "difference": {**one.model_dump(mode="json"), **turned},
            **{"better": found.worse, "worse": found.better, "equal": found.equal},
        }
    return None


if __name__ == "__main__":
    main()
