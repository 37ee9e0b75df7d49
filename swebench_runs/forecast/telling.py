"""The forecast in lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from swebench_runs.config import RunConfig
from swebench_runs.figures.metrics.spending import Spent
from swebench_runs.forecast.ceilings import Ceiling, bounded, ceilings
from swebench_runs.forecast.past_runs import Past, alike
from swebench_runs.many_tasks.model_prices import model_price


def foretold(config: RunConfig, *, tasks: int, neighbours: Path) -> list[str]:
    """Return what a run over so many tasks would take: at most, and probably, by runs below ``neighbours``."""
    parts = ceilings(config)
    lines = [f"{tasks} {'task' if tasks == 1 else 'tasks'} to do; of each at most:"]
    lines += [
        f"  {one.role}, {one.model}: {one.trajectories} trajectories, {one.calls:,} calls, {_tokens(one.tokens)}, "
        f"{_money(one.cost, config, one.model)}"
        for one in parts
    ]
    return [*lines, _at_most(config, parts, tasks), _probably(alike(config, neighbours), tasks, neighbours)]


def _at_most(config: RunConfig, parts: Sequence[Ceiling], tasks: int) -> str:
    """Say what all tasks together can take, under the limits of tasks and of the run."""
    tokens, costs = [one.tokens for one in parts], [one.cost for one in parts]
    known = [one for one in costs if one is not None]
    all_tokens = sum(one for one in tokens if one is not None) if None not in tokens else None
    all_cost = sum(known) if None not in costs else None
    prices = [model_price(config, one.model) for one in parts]
    dearest = max((price.worst(10**9) for price in prices if price), key=lambda price: price.completion, default=None)
    worst = dearest if None not in prices else None
    a_task = bounded(all_tokens, all_cost, config.limits.task, worst)
    whole = tuple(None if one is None else one * tasks for one in a_task)
    most_tokens, most_cost = bounded(None if whole[0] is None else int(whole[0]), whole[1], config.limits.run, worst)
    money = f"${most_cost:,.2f}" if most_cost is not None else "an amount that nobody knows"
    if most_cost is None and known:
        money = f"${sum(known) * tasks:,.2f} and what has no price"
    limits = "" if _limited(config) else "; no limit of cost or tokens is set (-c limits.run.cost=DOLLARS sets one)"
    return f"At most: {money}, {_tokens(most_tokens)}{limits}"


def _probably(past: Past, tasks: int, neighbours: Path) -> str:
    if not past.tasks:
        return f"Probably: nothing to go by, no run below {neighbours} has asked in this way"
    count = len(past.tasks)
    tokens = sum(one.tokens for one in past.tasks) / count * tasks
    by = f"by {count} tasks of {', '.join(past.runs[:3])}{' and others' * (len(past.runs) > 3)}"
    return f"Probably: {_mean_cost(past.tasks, tasks)}, {tokens:,.0f} tokens, {by}"


def _mean_cost(spent: Sequence[Spent], tasks: int) -> str:
    costs = [one.cost for one in spent if one.cost is not None]
    if len(costs) < len(spent):
        return "at a price that nobody knows"
    mean, lowest, highest = sum(costs) / len(costs), min(costs), max(costs)
    return f"${mean * tasks:,.2f} (a task took ${lowest:,.2f} to ${highest:,.2f})"


def _limited(config: RunConfig) -> bool:
    limits = config.limits
    return any(one.cost or one.tokens for one in (limits.trajectory, limits.task, limits.run))


def _tokens(number: int | None) -> str:
    return "tokens without a ceiling, its window is not known" if number is None else f"{number:,} tokens"


def _money(cost: float | None, config: RunConfig, model: str) -> str:
    if cost is None:
        return "price unknown" if model_price(config, model) is None else "no ceiling of its cost"
    return "free" if cost == 0 else f"${cost:,.2f}"
