"""Item 3: the stored pool, made once, and every figure from it, beside single calls of the same model.

Interrupted, or out of time: the same command goes on, in a new clone too, since the pool is kept with the project.
Nothing of it is ever made twice. ``fresh``: the same of the tasks of ``fresh_draw``, which nothing was developed on.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from acceptance.commands import run, runoff
from acceptance.pool import results_page, stored_pool
from acceptance.pool.fresh_draw import DRAWN
from acceptance.record import ROOT, Record, recording
from selection.rules import RULES, Rule
from swebench_runs.after_run.graded_tasks import graded_tasks
from swebench_runs.figures.metrics import GradedTask, summarise
from swebench_runs.figures.metrics.bootstrap import Array, Resampler
from swebench_runs.figures.metrics.curves import DECISION
from swebench_runs.figures.metrics.estimators import best_at_k, pass_at_1
from swebench_runs.run_folder.store import Run

FRESH = "pool_fresh"
"""What the pool of fresh tasks is called, in records and on disk."""
CALLS = 4
"""Single calls per task."""
SEED = 0
"""Of subsets and resamples; the tasks are drawn by the seeds of the split and of ``--shuffle``."""
TASKS, EDITS, TESTS, SECONDS = 24, 4, 2, 300.0
LIMIT = 24 * 3600.0


def main(which: str = "pool") -> None:
    """Make or go on making a pool, then measure it; that of ``starter`` writes the table of docs/results.md."""
    folder = ROOT / "runs" / which
    subset = ("--subset", str(DRAWN)) if which == FRESH else ()
    archive = stored_pool.ARCHIVE.with_name(f"{which}.tar.xz")
    stored_pool.restore(folder, archive)
    with recording(Record(which, n=0, unit="tasks", seed=SEED)) as record:
        for step in (
            ("run", "-c", "pool", *subset, "-o", str(folder), "--no-grade"),
            ("bench", "singles", str(folder), "-n", str(CALLS)),
            ("grade", "--all", str(folder)),
        ):
            done = run(runoff(*step), timeout=LIMIT)
            record.check(f"runoff {' '.join(step[:2])} ends well", done.exit_code == 0, done.last_line)
        stored_pool.store(folder, archive)
        stored = Run.load(folder)
        tasks = graded_tasks(stored)
        record.figures |= {"config": stored.config.model_dump(mode="json"), "run_versions": stored.header["versions"]}
        measure(record, tasks)
        check(record, tasks, early_stop=stored.config.early_stop)
        if which != FRESH:
            record.check("the page has the table", *results_page.update(results_page.PAGE, record.values()))


def measure(record: Record, tasks: Sequence[GradedTask]) -> None:
    """Compute every figure: all tasks, then by the kind of issue statement."""
    summary = summarise(tasks, seed=SEED)
    record.n = sum(task.decision is not None for task in tasks)
    record.figures |= {
        "asked": len(tasks),
        "done": record.n,
        "level": summary.level,
        "resamples": summary.resamples,
        "sections": {
            name: {
                **section.model_dump(mode="json"),
                "against_single_calls": against_single_calls([t for t in tasks if name in ("all", t.kind)]),
            }
            for name, section in summary.sections.items()
        },
    }


def against_single_calls(tasks: Sequence[GradedTask], rules: Mapping[str, Rule] = RULES) -> dict[str, Any]:
    """Return strategy -> its chance to resolve a task minus that of one single call, in pairs over the tasks."""
    resampler = Resampler.of([task.cluster for task in tasks], seed=SEED)
    single = np.array([_single(task) for task in tasks])
    compared = {name: resampler.mean(chances - single) for name, chances in strategies(tasks, rules).items()}
    return {name: estimate.model_dump(mode="json") for name, estimate in compared.items()}


def strategies(tasks: Sequence[GradedTask], rules: Mapping[str, Rule]) -> dict[str, Array]:
    """Return strategy -> chance per task: one trajectory, every rule at full k, and the whole system's decision."""
    chances = [best_at_k(task, rules, task.attempts, seed=SEED) for task in tasks]
    return {
        "pass@1": np.array([pass_at_1(task) for task in tasks]),
        **{name: np.array([row[name] for row in chances]) for name in rules},
        DECISION: np.array([float(task.decided_right) for task in tasks]),
    }


def check(record: Record, tasks: Sequence[GradedTask], *, early_stop: bool) -> None:
    """Check that the pool is what was asked for; how good its figures are is no check."""
    done = [task for task in tasks if task.decision is not None]
    fewest = {kind: min((len(task.of_kind(kind)) for task in tasks), default=0) for kind in ("edit", "single")}
    untold = [task for task in tasks if task.kind != "example"]
    tests = min((len(task.of_kind("test")) for task in untold), default=TESTS)
    ungraded = [task.instance_id for task in done if not task.compared]
    longest = max((task.seconds for task in done), default=0.0)
    record.check(f"at least {TASKS} tasks are done", len(done) >= TASKS, f"{len(done)} of {len(tasks)}")
    record.check(f"{EDITS} editing trajectories on every task", fewest["edit"] >= EDITS, f"at least {fewest['edit']}")
    record.check(f"{TESTS} test trajectories on every task without an example", tests >= TESTS, f"at least {tests}")
    record.check(f"{CALLS} single calls on every task", fewest["single"] >= CALLS, f"at least {fewest['single']}")
    record.check("early stop is off", not early_stop, f"early_stop: {early_stop}")
    record.check("every task is graded", not ungraded, ", ".join(ungraded) or f"{len(done)} tasks")
    record.check("at most 5 minutes a task", longest <= SECONDS, f"{longest:.0f} s at most")


def _single(task: GradedTask) -> float:
    calls = task.of_kind("single")
    return sum(task.right(call.candidate) for call in calls) / max(CALLS, len(calls))


if __name__ == "__main__":
    main(*({"fresh": FRESH}[word] for word in sys.argv[1:]))
