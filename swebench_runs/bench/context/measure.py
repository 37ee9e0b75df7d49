"""How much of what right patches change the contexts of several budgets show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from agent.context import build_context
from swebench_runs.bench.context.places import Places, changed_places, shown_lines, shows
from swebench_runs.bench.context.sources import Known
from swebench_runs.figures.metrics.bootstrap import Resampler

BUDGETS = (4_000, 16_000, 32_000)
"""Tokens that a context may have."""
FIGURES = ("functions", "all_functions", "any_function", "lines", "all_lines", "files")
"""What is told of each budget: means over tasks, with an interval over packages or repositories."""


def measure_context(
    tasks: Iterable[Known],
    budgets: Sequence[int] = BUDGETS,
    *,
    seed: int = 0,
    progress: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Build every task's context at every budget and return what share of the changed places it shows.

    ``functions``, ``lines``, ``files``: the mean share of those that the right patch changes; ``all_...``: the share
    of tasks with all of them shown. A task whose patch changes nothing that was there counts in ``nothing_changed``.
    """
    measured: list[dict[str, Any]] = []
    nothing: list[str] = []
    for task in tasks:
        places = changed_places(task.patch, task.files)
        if not places.lines:
            nothing.append(task.instance_id)
            continue
        at = {budget: _at(budget, task, places) for budget in budgets}
        measured.append(
            {"instance_id": task.instance_id, "cluster": task.cluster, "functions": len(places.functions), "at": at}
        )
        shares = ", ".join(f"{one['lines']:.0%} at {budget}" for budget, one in at.items())
        progress(f"{task.instance_id}: of the changed lines {shares}")
    drawn = Resampler.of([task["cluster"] for task in measured], seed=seed)
    return {
        "n": len(measured),
        "clusters": len({task["cluster"] for task in measured}),
        "nothing_changed": nothing,
        "budgets": {budget: _summary([task["at"][budget] for task in measured], drawn) for budget in budgets},
        "tasks": measured,
    }


def _at(budget: int, task: Known, places: Places) -> dict[str, Any]:
    """Return what a context of one budget shows of a task's places; no functions: None, not 0."""
    context = build_context(task.statement, task.files, budget_tokens=budget)
    lines = shown_lines(context, task.statement, task.files)
    seen = [shows(function, lines) for function in places.functions]
    files = {path for path, _ in places.lines}
    return {
        "tokens": context.tokens,
        "functions": sum(seen) / len(seen) if seen else None,
        "all_functions": float(all(seen)) if seen else None,
        "any_function": float(any(seen)) if seen else None,
        "lines": len(places.lines & lines) / len(places.lines),
        "all_lines": float(places.lines <= lines),
        "files": len(files & {path for path, _ in lines}) / len(files),
    }


def _summary(found: Sequence[dict[str, Any]], drawn: Resampler) -> dict[str, Any]:
    told: dict[str, Any] = {"tokens": float(np.mean([one["tokens"] for one in found])) if found else None}
    for figure in FIGURES:
        there = np.array([one[figure] is not None for one in found], dtype=np.float64)
        values = np.array([one[figure] or 0.0 for one in found], dtype=np.float64)
        told[figure] = drawn.ratio(values, there, int(there.sum())).model_dump()
    return told
