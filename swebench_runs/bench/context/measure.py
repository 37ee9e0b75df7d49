"""How much of what right patches change the contexts of several budgets show."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from agent.context import Context
from agent.context.build import packed_context
from agent.context.index import IndexCache, tree_index
from agent.context.ranking import pool, rank
from swebench_runs.bench.context.halves import half_of
from swebench_runs.bench.context.places import Places, changed_places, shown_lines, shows
from swebench_runs.bench.context.sources import Known
from swebench_runs.figures.metrics.bootstrap import Resampler

BUDGETS = (4_000, 16_000, 32_000, 60_000)
"""Tokens that a context may have."""
FIGURES = ("functions", "all_functions", "any_function", "lines", "all_lines", "files")
"""What is told of each budget: means over tasks, with an interval over packages or repositories."""
SECONDS = ("reading", "reading_cpu", "cached", "cached_cpu", "pack")
"""Of reading the files that are not in the cache, of ranking a tree that is, the processor's part of both, and of a
context's packing."""


def measure_context(
    tasks: Iterable[Known],
    budgets: Sequence[int] = BUDGETS,
    *,
    seed: int = 0,
    cache: IndexCache | None = None,
    measured: Mapping[str, dict[str, Any]] | None = None,
    progress: Callable[[str], None] = lambda line: None,
    keep: Callable[[dict[str, Any]], None] = lambda row: None,
) -> dict[str, Any]:
    """Build every task's context at every budget and return what share of the changed places it shows.

    ``functions``, ``lines``, ``files``: the mean share of those that the right patch changes; ``all_...``: the share
    of tasks with all of them shown. A task whose patch changes nothing that was there counts in ``nothing_changed``.
    ``measured``: rows of before, taken as they are; ``keep`` gets each new one.
    """
    known = dict(measured or {})
    rows: list[dict[str, Any]] = []
    nothing: list[str] = []
    for task in tasks:
        row = known.get(task.instance_id)
        if row is None:
            row = measure_task(task, budgets, cache=cache)
            keep(row)
        if not row["at"]:
            nothing.append(task.instance_id)
            continue
        rows.append(row | {"half": half_of(task.instance_id, seed)})
        shares = ", ".join(f"{one['lines']:.0%} at {budget}" for budget, one in row["at"].items())
        progress(f"{task.instance_id}: of the changed lines {shares}")
    drawn = Resampler.of([row["cluster"] for row in rows], seed=seed)
    return {
        "n": len(rows),
        "clusters": len({row["cluster"] for row in rows}),
        "nothing_changed": nothing,
        "budgets": {budget: _summary([row["at"][str(budget)] for row in rows], drawn) for budget in budgets},
        "seconds": _seconds(rows),
        "tasks": rows,
    }


def measure_task(task: Known, budgets: Sequence[int] = BUDGETS, *, cache: IndexCache | None = None) -> dict[str, Any]:
    """Return what contexts of one task show of its places; ``at`` is empty where its patch changes nothing there."""
    files = task.files()
    places = changed_places(task.patch, files)
    row: dict[str, Any] = {"instance_id": task.instance_id, "cluster": task.cluster, "at": {}}
    if not places.lines:
        return row
    began, began_cpu = time.perf_counter(), time.process_time()
    row["files_read"] = tree_index(files, pool(task.statement, files), cache).made
    read, read_cpu = time.perf_counter(), time.process_time()
    ranked = rank(task.statement, files, cache=cache)
    row |= {"reading": read - began, "reading_cpu": read_cpu - began_cpu}
    if cache:
        row |= {"cached": time.perf_counter() - read, "cached_cpu": time.process_time() - read_cpu}
    began = time.perf_counter()
    contexts = {budget: packed_context(task.statement, ranked, files, budget) for budget in budgets}
    row["pack"] = (time.perf_counter() - began) / len(budgets)
    at = {str(budget): _at(context, task.statement, files, places) for budget, context in contexts.items()}
    return row | {"functions": len(places.functions), "at": at}


def _at(context: Context, statement: str, files: Mapping[str, bytes], places: Places) -> dict[str, Any]:
    """Return what a context shows of a task's places; no functions: None, not 0."""
    lines = shown_lines(context, statement, files)
    seen = [shows(function, lines) for function in places.functions]
    changed = {path for path, _ in places.lines}
    return {
        "tokens": context.tokens,
        "functions": sum(seen) / len(seen) if seen else None,
        "all_functions": float(all(seen)) if seen else None,
        "any_function": float(any(seen)) if seen else None,
        "lines": len(places.lines & lines) / len(places.lines),
        "all_lines": float(places.lines <= lines),
        "files": len(changed & {path for path, _ in lines}) / len(changed),
    }


def _summary(found: Sequence[dict[str, Any]], drawn: Resampler) -> dict[str, Any]:
    told: dict[str, Any] = {"tokens": float(np.mean([one["tokens"] for one in found])) if found else None}
    for figure in FIGURES:
        there = np.array([one[figure] is not None for one in found], dtype=np.float64)
        values = np.array([one[figure] or 0.0 for one in found], dtype=np.float64)
        told[figure] = drawn.ratio(values, there, int(there.sum())).model_dump()
    return told


def _seconds(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, dict[str, float]]]:
    """Return median and largest seconds by repository, of what was timed."""
    told: dict[str, dict[str, dict[str, float]]] = {}
    for cluster in sorted({row["cluster"] for row in rows}):
        for name in SECONDS:
            values = [row[name] for row in rows if row["cluster"] == cluster and name in row]
            if values:
                figures = {"median": float(np.median(values)), "largest": float(max(values)), "n": len(values)}
                told.setdefault(cluster, {})[name] = figures
    return told
