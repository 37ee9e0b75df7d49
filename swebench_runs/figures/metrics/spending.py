"""What a run took, stage by stage: calls, tokens, money and time, of every trajectory on record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from agent.models.contract import Usage
from swebench_runs.figures.metrics.bootstrap import Estimate, Resampler

BESIDE = "singles"
"""The stage of the single calls: measured beside a run, no part of what its decisions cost."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Used(_Frozen):
    """What one model took."""

    calls: int = 0
    usage: Usage = Usage()
    cost: float | None = 0.0
    """US dollars; None where the price of any call is unknown."""

    def __add__(self, other: Used) -> Used:
        """Add up; an unknown price stays unknown."""
        cost = None if self.cost is None or other.cost is None else self.cost + other.cost
        return Used(calls=self.calls + other.calls, usage=self.usage + other.usage, cost=cost)


class Spent(_Frozen):
    """What one stage of a task took, or several together."""

    stage: str
    """A stage of the pipeline, or ``singles``."""
    trajectories: int = 0
    calls: int = 0
    """Answers of a model that are on record."""
    answers: Mapping[str, int] = {}
    """``cut``, ``filtered``, ``empty``: answers that were no use as they came; ``refused``: calls. Each -> how many."""
    usage: Usage = Usage()
    cost: float | None = 0.0
    """US dollars; None where the price of any call is unknown."""
    models: Mapping[str, Used] = {}
    """Model -> what of it was taken by which."""
    seconds: float = 0.0
    """Seconds of model calls and test runs, added; they may have run side by side."""
    wall_seconds: float = 0.0
    """Seconds from the stage's start to its end; 0 where that is not on record."""

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens."""
        return self.usage.prompt_tokens + self.usage.completion_tokens


class Spending(_Frozen):
    """What one stage of a run took, over all its tasks."""

    spent: Spent
    tokens_per_task: Estimate
    share: float | None
    """Of the tokens of the run, single calls apart; None for those, and where there were none."""


def total(parts: Sequence[Spent], stage: str = "all") -> Spent:
    """Add up; an unknown price stays unknown."""
    costs = [part.cost for part in parts if part.cost is not None]
    return Spent(
        stage=stage,
        trajectories=sum(part.trajectories for part in parts),
        calls=sum(part.calls for part in parts),
        answers=dict(sum((Counter(part.answers) for part in parts), Counter())),
        usage=sum((part.usage for part in parts), Usage()),
        models=_by_model(parts),
        cost=sum(costs) if len(costs) == len(parts) else None,
        seconds=sum(part.seconds for part in parts),
        wall_seconds=sum(part.wall_seconds for part in parts),
    )


def _by_model(parts: Sequence[Spent]) -> dict[str, Used]:
    found: dict[str, Used] = {}
    for name, used in (item for part in parts for item in part.models.items()):
        found[name] = found.get(name, Used()) + used
    return found


def of_run(spent: Sequence[Spent]) -> Spent:
    """Add up what a task's or a run's own stages took, without the single calls beside them."""
    return total([part for part in spent if part.stage != BESIDE])


def spending(tasks: Sequence[Sequence[Spent]], resampler: Resampler) -> tuple[Spending, ...]:
    """Add up per stage what was spent on each task, in the order in which stages first appear."""
    every = of_run([part for task in tasks for part in task]).tokens
    return tuple(_stage(name, tasks, resampler, every) for name in _stages(tasks))


def _stages(tasks: Sequence[Sequence[Spent]]) -> list[str]:
    """Return the stages in order: a task that lacks one must not move it behind the later ones."""
    longest = max(tasks, key=len, default=())
    names = dict.fromkeys(part.stage for task in (longest, *tasks) for part in task)
    return sorted(names, key=lambda name: name == BESIDE)


def _stage(name: str, tasks: Sequence[Sequence[Spent]], resampler: Resampler, every: int) -> Spending:
    per_task = [total([part for part in task if part.stage == name], name) for task in tasks]
    whole = total(per_task, name)
    tokens = np.array([part.tokens for part in per_task], dtype=np.float64)
    share = whole.tokens / every if every and name != BESIDE else None
    return Spending(spent=whole, tokens_per_task=resampler.mean(tokens), share=share)
