"""How much of what right patches change the contexts of several budgets show."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from agent.context import Context
from agent.context.build import packed_context
from agent.context.index import IndexCache, read_ahead
from agent.context.packing import TOKENS_A_SYMBOL
from agent.context.ranking import pool, rank
from swebench_runs.bench.context.halves import HALVES, half_of
from swebench_runs.bench.context.misses import MISSES, misses
from swebench_runs.bench.context.places import Places, changed_places, shown_lines, shows
from swebench_runs.bench.context.sources import Known
from swebench_runs.figures.metrics.bootstrap import Resampler

BUDGETS = (4_000, 16_000, 32_000, 60_000)
"""Tokens that a context may have."""
FIGURES = ("functions", "all_functions", "any_function", "lines", "all_lines", "files", "all_files")
"""What is told of each budget: means over tasks, with an interval over packages or repositories."""
SECONDS = tuple(f"{name}{kind}" for name in ("reading", "cached", "uncached") for kind in ("", "_cpu"))
"""Of reading the files that the cache lacks; of a whole context at the largest budget, of a tree that it knows, or with
no cache; and the processor's part (user and system) of each, which work beside it stretches less."""


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
    of tasks with all of them shown; ``missed``: how many tasks lack lines for each reason (see ``misses``). A task
    whose patch changes nothing that was there counts in ``nothing_changed``. The same of each half by the seed is in
    ``halves``.
    ``measured``: rows of before, taken as they are where they tell all of this; ``keep`` gets each new one.
    """
    known = dict(measured or {})
    rows: list[dict[str, Any]] = []
    nothing: list[str] = []
    for task in tasks:
        row = known.get(task.instance_id)
        if row is None or not _tells(row, budgets):
            row = measure_task(task, budgets, cache=cache)
            keep(row)
        if not row["at"]:
            nothing.append(task.instance_id)
            continue
        rows.append(row | {"half": half_of(task.instance_id, seed)})
        shares = ", ".join(f"{one['lines']:.0%} at {budget}" for budget, one in row["at"].items())
        progress(f"{task.instance_id}: of the changed lines {shares}")
    halves = {half: [row for row in rows if row["half"] == half] for half in HALVES}
    return {
        **_shares(rows, budgets, seed),
        "nothing_changed": nothing,
        "halves": {half: _shares(own, budgets, seed) for half, own in halves.items() if own},
        "seconds": _seconds(rows),
        "tasks": rows,
    }


def _tells(row: Mapping[str, Any], budgets: Sequence[int]) -> bool:
    """Tell whether a kept row has all that is told of these budgets; one of an earlier version may not."""
    return not row["at"] or all({*FIGURES, "missed"} <= row["at"].get(str(budget), {}).keys() for budget in budgets)


def measure_task(task: Known, budgets: Sequence[int] = BUDGETS, *, cache: IndexCache | None = None) -> dict[str, Any]:
    """Return what contexts of one task show of its places; ``at`` is empty where its patch changes nothing there."""
    files = task.files()
    places = changed_places(task.patch, files)
    row: dict[str, Any] = {"instance_id": task.instance_id, "cluster": task.cluster, "at": {}}
    if not places.lines:
        return row
    largest = max(budgets)
    if cache:
        with _timed(row, "reading"):
            row["files_read"] = read_ahead(files, pool(task.statement, files), cache)
    with _timed(row, "cached" if cache else "uncached"):
        ranked = rank(task.statement, files, cache=cache, most=largest // TOKENS_A_SYMBOL)
        contexts = {largest: packed_context(task.statement, ranked, files, largest)}
    contexts |= {less: packed_context(task.statement, ranked, files, less) for less in budgets if less != largest}
    at = {str(budget): _at(contexts[budget], budget, task.statement, files, places) for budget in budgets}
    return row | {"functions": len(places.functions), "at": at}


@contextmanager
def _timed(row: dict[str, Any], name: str) -> Iterator[None]:
    """Note seconds, and those of the processor."""
    began, began_cpu = time.perf_counter(), time.process_time()
    yield
    row |= {name: time.perf_counter() - began, f"{name}_cpu": time.process_time() - began_cpu}


def _at(context: Context, budget: int, statement: str, files: Mapping[str, bytes], places: Places) -> dict[str, Any]:
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
        "all_files": float(changed <= {path for path, _ in lines}),
        "missed": misses(places, lines, budget),
    }


def _shares(rows: Sequence[dict[str, Any]], budgets: Sequence[int], seed: int) -> dict[str, Any]:
    """Return how many tasks of how many clusters there are, and what each budget shows of them."""
    drawn = Resampler.of([row["cluster"] for row in rows], seed=seed)
    return {
        "n": len(rows),
        "clusters": len({row["cluster"] for row in rows}),
        "instances": sorted(row["instance_id"] for row in rows),
        "budgets": {budget: _summary([row["at"][str(budget)] for row in rows], drawn) for budget in budgets},
    }


def _summary(found: Sequence[dict[str, Any]], drawn: Resampler) -> dict[str, Any]:
    told: dict[str, Any] = {"tokens": float(np.mean([one["tokens"] for one in found])) if found else None}
    for figure in FIGURES:
        there = np.array([one[figure] is not None for one in found], dtype=np.float64)
        values = np.array([one[figure] or 0.0 for one in found], dtype=np.float64)
        told[figure] = drawn.ratio(values, there, int(there.sum())).model_dump()
    return told | {"missed": {kind: sum(kind in one["missed"] for one in found) for kind in MISSES}}


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
