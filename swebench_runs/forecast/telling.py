"""The forecast in lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from environments.text import amount
from swebench_runs.config import RunConfig
from swebench_runs.figures.metrics.spending import Spent
from swebench_runs.forecast.ceilings import Ceiling, ceilings
from swebench_runs.forecast.most import Most, together
from swebench_runs.forecast.past_runs import Past, alike
from swebench_runs.many_tasks.models.model_prices import model_price

_CHARACTERS = 2
"""Of an issue's text, a token at least."""


def foretold(config: RunConfig, *, tasks: int, neighbours: Path, issue: int = 0) -> list[str]:
    """Return what a run over so many tasks would take: probably (by past runs, or an assumption), and at most.

    ``neighbours``: the folder of past runs; ``issue``: characters of the longest issue.
    """
    parts = ceilings(config, issue // _CHARACTERS)
    past = alike(config, neighbours)
    probably = _by_past(past, tasks) if past.tasks else _by_assumption(config, parts, tasks, neighbours)
    lines = [f"{amount(tasks, 'task')} to do", f"Probably: {probably}", _at_most(config, parts, tasks)]
    return [*lines, "Of each task at most:", *(f"  {_part(one, config)}" for one in parts)]


def _part(one: Ceiling, config: RunConfig) -> str:
    trajectories = amount(one.trajectories, "trajectory", "trajectories")
    if one.most.cost is None:
        money = "price unknown" if model_price(config, one.model) is None else "no ceiling of its cost"
    else:
        money = _dollars(one.most) or "free"
    by = f" (by {one.most.by})" if one.most.by else ""
    return (
        f"{one.role}, {one.model}: {trajectories}, {amount(one.calls, 'call')}, {_tokens(one.most.tokens)}, {money}{by}"
    )


def _at_most(config: RunConfig, parts: Sequence[Ceiling], tasks: int) -> str:
    """Say what all tasks together can take, under the limits of tasks and of the run, and where that comes from."""
    most = _limited_by(config, [one.most for one in parts], parts, tasks)
    money = _dollars(most) or "$0.00"
    if most.cost is None:
        known = [one.most.cost for one in parts if one.most.cost is not None]
        money = f"${sum(known) * tasks:,.2f} and what has no price" if known else "an amount that nobody knows"
    return f"At most: {money}, {_tokens(most.tokens)}; {_source(config, parts, most)}"


def _limited_by(config: RunConfig, each: Sequence[Most], parts: Sequence[Ceiling], tasks: int) -> Most:
    """Add up what the parts of a task take, for so many tasks, as far as limits of tasks and of the run let them."""
    prices = [model_price(config, one.model) for one in parts]
    dearest = max((price.worst(10**9) for price in prices if price), key=lambda price: price.completion, default=None)
    worst = dearest if None not in prices else None
    a_task = together(each).within(config.limits.task, worst, "limits.task")
    return a_task.times(tasks).within(config.limits.run, worst, "limits.run")


def _dollars(most: Most) -> str:
    """Write the dollars with the vendor's cache, and without where that differs; empty where it is free."""
    if not most.cost:
        return ""
    if most.uncached is None or most.uncached - most.cost < 0.005:
        return f"${most.cost:,.2f}"
    return f"${most.cost:,.2f} (${most.uncached:,.2f} if the vendor's cache is never hit)"


def _source(config: RunConfig, parts: Sequence[Ceiling], most: Most) -> str:
    """Say what the ceiling comes from."""
    if most.by:
        return f"by {most.by}"
    longest = max(parts, key=lambda one: one.turns, default=None)
    window = config.profile_of(longest.model).context_tokens if longest else None
    if longest is None or window is None:
        by = "by the number of calls"
    else:
        by = f"by {amount(longest.turns, 'turn')} ({longest.role}) and a window of {window:,} tokens"
    return by if _limited(config) else f"{by}: no limit of cost or tokens is set (--cost-limit DOLLARS sets one)"


def _by_assumption(config: RunConfig, parts: Sequence[Ceiling], tasks: int, neighbours: Path) -> str:
    """Say what the tasks take if trajectories are as long as is assumed, in words."""
    likely = _limited_by(config, [one.likely for one in parts], parts, tasks)
    money = "at a price that nobody knows" if likely.cost is None else f"about ${likely.cost:,.2f}"
    assumed = "; ".join(dict.fromkeys(one.assumed for one in parts))
    return (
        f"{money}, {likely.tokens or 0:,} tokens: an assumption, for no run below {neighbours} has asked in this way "
        f"(a trajectory's answers: {assumed}; what prompts share is read from the vendor's cache)"
    )


def _by_past(past: Past, tasks: int) -> str:
    count = len(past.tasks)
    tokens = sum(one.tokens for one in past.tasks) / count * tasks
    by = f"by {amount(count, 'task')} of {', '.join(past.runs[:3])}{' and others' * (len(past.runs) > 3)}"
    return f"{_mean_cost(past.tasks, tasks)}, {tokens:,.0f} tokens, {by}"


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
