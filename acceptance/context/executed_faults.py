"""Whether what an issue's example executes holds the fault: on every starter task with an example, by real traces.

Each task's result is kept in a folder, so that the same command goes on where it was interrupted. Tasks of packages
that starter does not hold are measured beside, for the weights were set on starter tasks.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from acceptance.record import ROOT, Record, recording
from agent.context import build_context
from agent.context.imports import import_finder
from agent.context.symbols import symbols_of
from agent.context.tokens import estimate_tokens
from agent.context.traces import TaskTraces
from agent.context.traces.shown import Seen
from environments.sandboxes.lease import NoLease
from environments.task import Task
from environments.workbench.outcome import Outcome
from environments.workbench.workbench import Workbench
from swebench_runs import splits
from swebench_runs.bench.context.places import changed_places
from swebench_runs.bench.context.sources import known_tasks
from swebench_runs.figures.metrics.bootstrap import Resampler
from swebench_runs.one_task.context.executed import trace_task
from swebench_runs.run_folder.files import write_whole
from swebench_runs.splits.recipe_split import RecipeSplit
from verifiers.examples import convert_examples

FOLDER = ROOT / "runs" / "traces"
FRESH = ROOT / "acceptance" / "agents" / "formats" / "fresh"
PROMPT = 1500
"""Tokens of the prompt."""
EXECUTED, SHOWN, RATIO, SECONDS = 0.95, 0.85, 5.0, 30.0
REPEATS = 3
"""Runs without a tracer that a traced one is compared with: their median."""
SEED = 0


def main() -> None:
    """Measure, and write docs/measurements/traces.json."""
    with recording(Record("traces", n=0, unit="tasks", seed=SEED)) as record:
        rows = list(_measured(splits.starter(), FOLDER / "starter"))
        record.n = len(rows)
        fresh = [row for split in _fresh() for row in _measured(split, FOLDER / "fresh")]
        record.figures |= {"starter": _figures(rows), "fresh": _figures(fresh), "tasks": rows, "fresh_tasks": fresh}
        record.notes.append(
            "the weights were set while looking at starter tasks; the fresh ones were looked at only here"
        )
        record.notes.append(
            "shown: whole, within a shown function, or by a part that has every line that the fault is in"
        )
        _check(record, rows)


def _fresh() -> Iterator[RecipeSplit]:
    """Yield the tasks of packages that are not in starter, which formats are measured on."""
    for path in sorted(FRESH.glob("*.json")):
        split = splits.load(str(path))
        assert isinstance(split, RecipeSplit)
        yield split


def _measured(split: RecipeSplit, folder: Path) -> Iterable[dict[str, Any]]:
    """Yield each task's result, measured where it is not kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for task in sorted(split.tasks(), key=lambda task: task.instance_id):
        if split.kind(task.instance_id) != "example":
            continue
        kept = folder / f"{task.instance_id}.json"
        if not kept.exists():
            write_whole(kept, json.dumps(_measure(split, task)))
        row = json.loads(kept.read_text())
        print(task.instance_id, {key: value for key, value in row.items() if key != "package"}, flush=True)
        yield row


def _measure(split: RecipeSplit, task: Task) -> dict[str, Any]:
    path, name = split.fault(task.instance_id)
    row: dict[str, Any] = {"instance_id": task.instance_id, "package": task.repo, "reproduced": False}
    with (
        tempfile.TemporaryDirectory(prefix="runoff-traces-") as scratch,
        split.open_base(task, "traces") as base,
        Workbench(base, task, record=Path(scratch) / "executions.jsonl", lease=NoLease()) as bench,
    ):
        finder = import_finder(bench.contents(), task.environment.python_path)
        tests = convert_examples(task.problem_statement, finder).tests
        failing = [test for test in tests if bench.run(test).outcome == Outcome.FAIL]
        if not failing:
            return row
        own = statistics.median(bench.run(failing[0], repeat=number).seconds for number in range(1, REPEATS + 1))
        traces = trace_task(bench, failing[:1], "examples")
        first = traces.failing[0] if traces.failing else None
        if first is None:
            return row | {"reproduced": True, "remarks": traces.remarks}
        ranked = [one.id for one, _ in traces.functions()]
        fault = f"{path}::{name}"
    return row | {
        "reproduced": True,
        "executed": fault in {one.id for one in first.functions},
        "in_case": fault in {one.id for one in first.case},
        "functions": len(first.case),
        "rank": ranked.index(fault) + 1 if fault in ranked else None,
        "passing_tests": traces.passing_tests,
        "own_seconds": round(own, 3),
        "traced_seconds": round(first.seconds, 3),
        "remarks": list(traces.remarks),
        **_shown(split, task, traces),
    }


def _shown(split: RecipeSplit, task: Task, traces: TaskTraces) -> dict[str, bool]:
    """Say whether the prompt shows the function that holds the fault, with the trace and without."""
    known = next(iter(known_tasks(split, [task])))
    files = known.files()
    path, name = split.fault(task.instance_id)
    lines = {line for _, line in changed_places(known.patch, files).lines}
    faulty = next(symbol for symbol in symbols_of(path, files[path]) if symbol.id == f"{path}::{name}")

    def whole(executed: TaskTraces | None) -> bool:
        context = build_context(known.statement, files, budget_tokens=PROMPT, executed=executed)
        return any(one.id == faulty.id or one.encloses(faulty) for one in context.symbols)

    seen = Seen.of(traces, symbols_of(path, files[path]), PROMPT, estimate_tokens)
    in_part = any(lines <= set(part.lines) for part in seen.parts.values())
    return {"shown_whole": whole(traces), "shown": whole(traces) or in_part, "shown_without_trace": whole(None)}


def _figures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the shares over the tasks that reproduced, with intervals over packages, and the costs."""
    found = [row for row in rows if "executed" in row]
    if not found:
        return {"n": len(rows), "reproduced": 0}
    drawn = Resampler.of([row["package"] for row in found], seed=SEED)
    ones = np.ones(len(found))
    shares = {
        name: drawn.ratio(np.array([float(row[name]) for row in found]), ones, len(found)).model_dump()
        for name in ("executed", "in_case", "shown", "shown_whole", "shown_without_trace")
    }
    ratios = [row["traced_seconds"] / row["own_seconds"] for row in found]
    return {
        "n": len(rows),
        "reproduced": sum(row["reproduced"] for row in rows),
        "packages": len({row["package"] for row in found}),
        "prompt_tokens": PROMPT,
        **shares,
        "functions_executed": _spread([row["functions"] for row in found]),
        "rank_first": sum(row["rank"] == 1 for row in found),
        "rank_three": sum((row["rank"] or 99) <= 3 for row in found),
        "cost_ratio": _spread(ratios),
        "traced_seconds": _spread([row["traced_seconds"] for row in found]),
        "own_seconds": _spread([row["own_seconds"] for row in found]),
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 3),
        "least": round(min(values), 3),
        "most": round(max(values), 3),
    }


def _check(record: Record, rows: Sequence[dict[str, Any]]) -> None:
    found = [row for row in rows if "executed" in row]
    record.check("every task with an example was traced", len(found) == len(rows), f"{len(found)} of {len(rows)}")
    for name, least in (("executed", EXECUTED), ("shown", SHOWN)):
        count = sum(row[name] for row in found)
        what = "the faulty function is executed" if name == "executed" else f"it is shown in {PROMPT} tokens"
        record.check(f"{what}: at least {least:.0%}", count >= least * len(rows), f"{count} of {len(rows)}")
    worst = max((row["traced_seconds"] / row["own_seconds"] for row in found), default=0.0)
    longest = max((row["traced_seconds"] for row in found), default=0.0)
    record.check(f"tracing takes at most {RATIO:.0f} times the test's own time", worst <= RATIO, f"{worst:.1f} at most")
    record.check(f"and at most {SECONDS:.0f} s", longest <= SECONDS, f"{longest:.1f} s at most")


if __name__ == "__main__":
    main()
