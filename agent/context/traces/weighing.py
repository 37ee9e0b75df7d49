"""How much execution speaks for each symbol, and the ranking of a context with that counted in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.context.symbols import Symbol
from agent.context.traces.task_traces import TaskTraces

EXECUTED = 2.0
"""What being the most suspicious counts beside being the best named, which counts 1."""
LEAST = 0.3
"""Weight of the least suspicious of what a failing test ran: that it ran at all says most."""
AT_IMPORT = 0.1
"""Weight of functions that ran only at imports: tables and registries are made there."""


def executed_weights(traces: TaskTraces) -> dict[str, float]:
    """Return symbol id -> weight, from 0 to 1, of the functions that the failing tests ran."""
    ranked = traces.functions()
    top = max((score for _, score in ranked), default=0.0)
    imported = [one for trace in traces.failing for one in trace.functions if one.phase == "import"]
    weights = {one.id: AT_IMPORT for one in imported}
    for trace in traces.failing:
        weights |= {one.id: LEAST for one in trace.case}
    weights |= {one.id: LEAST + (1 - LEAST) * score / top for one, score in ranked if top}
    return weights


def by_execution(ranked: Sequence[Symbol], weights: Mapping[str, float]) -> tuple[Symbol, ...]:
    """Return ranked symbols in a new order: what was executed first, and what the issue names within that.

    A class comes in by its methods that ran: its own body runs at every import.
    """
    top = max((symbol.score for symbol in ranked), default=0.0) or 1.0

    def score(symbol: Symbol) -> float:
        ran = symbol.kind in ("function", "method")
        return symbol.score / top + EXECUTED * (weights.get(symbol.id, 0.0) if ran else 0.0)

    scores = {symbol.id: score(symbol) for symbol in ranked}
    for id in sorted(weights.keys() & scores.keys(), key=len, reverse=True):
        outer = id.rpartition(".")[0]
        if outer in weights and outer in scores:  # a function within a function is shown by showing that one
            scores[outer] = max(scores[outer], scores[id] + 0.0001)
    scored = [symbol.model_copy(update={"score": round(scores[symbol.id], 4)}) for symbol in ranked]
    return tuple(sorted(scored, key=lambda symbol: -symbol.score))
