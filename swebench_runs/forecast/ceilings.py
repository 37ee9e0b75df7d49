"""What a task can take at most: all trajectories to their last turn, each prompt as long as the window, none cached."""

from __future__ import annotations

from dataclasses import dataclass

from agent.models.prices import Price
from agent.models.profiles import ModelProfile
from agent.models.roles import Role
from agent.scaffolds import SCAFFOLDS
from selection.runoff import usual_turns
from swebench_runs.config import Budget, RunConfig
from swebench_runs.many_tasks.model_prices import model_price
from swebench_runs.one_task.players import usual_test_scaffold
from verifiers.judges import asked

TRIES = 2
"""Calls of one turn: an answer that its length cut is asked for once more."""


@dataclass(frozen=True)
class Ceiling:
    """What trajectories of one role by one model can take, in one task. None: nobody knows."""

    role: Role
    model: str
    trajectories: int
    calls: int
    tokens: int | None
    cost: float | None


def ceilings(config: RunConfig) -> list[Ceiling]:
    """Return what each role of a task can take at most, by model, under the limits of single trajectories."""
    found: dict[tuple[Role, str], list[int]] = {}
    for index in range(config.editing):
        name = config.pool_of("edit").draw(index, config.seed)
        found.setdefault(("edit", name), []).append(_turns(config, index, config.profile_of(name)))
    for index in range(config.tests):
        name = config.pool_of("test").draw(index, config.seed)
        found.setdefault(("test", name), []).append(_test_turns(config, config.profile_of(name)))
    judge, runoff = config.pool_of("judge").first, config.pool_of("runoff").first
    for _ in asked(config.judge, config.profile_of(judge)):
        found.setdefault(("judge", judge), []).append(config.editing * config.profile_of(judge).judge_draws)
    if config.runoff_turns != 0 and config.editing > 1:
        found["runoff", runoff] = [config.runoff_turns or usual_turns(config.profile_of(runoff))]
    return [_ceiling(config, role, name, turns) for (role, name), turns in found.items()]


def _turns(config: RunConfig, index: int, profile: ModelProfile) -> int:
    mix = config.mix
    scaffold = SCAFFOLDS[mix.of(index, {}) if mix else profile.scaffold]
    return config.turns or scaffold.turns


def _test_turns(config: RunConfig, profile: ModelProfile) -> int:
    name = config.test_scaffold or usual_test_scaffold(profile)
    return config.test_turns or SCAFFOLDS[name].turns


def _ceiling(config: RunConfig, role: Role, name: str, turns: list[int]) -> Ceiling:
    profile, price = config.profile_of(name), model_price(config, name)
    parts = [_trajectory(profile, price, number, config.limits.trajectory) for number in turns]
    tokens = [part[0] for part in parts]
    costs = [part[1] for part in parts]
    return Ceiling(
        role,
        name,
        trajectories=len(turns),
        calls=TRIES * sum(turns),
        tokens=sum(one for one in tokens if one is not None) if None not in tokens else None,
        cost=sum(one for one in costs if one is not None) if None not in costs else None,
    )


def _trajectory(
    profile: ModelProfile, price: Price | None, turns: int, limit: Budget
) -> tuple[int | None, float | None]:
    """Return the tokens and dollars that one trajectory can take at most."""
    window, answer = profile.context_tokens, profile.max_output_tokens
    calls = min(TRIES * turns, limit.turns or TRIES * turns)
    prompt = max(window - answer, window // 2) if window else None
    tokens = None if prompt is None else calls * (prompt + answer)
    worst = price.worst(prompt or 10**9) if price else None
    cost = None if worst is None or prompt is None else calls * (prompt * worst.prompt + answer * worst.completion)
    if worst and worst.prompt == worst.completion == 0:
        cost = 0.0
    return bounded(tokens, cost, limit, worst)


def bounded(
    tokens: int | None, cost: float | None, limit: Budget, worst: Price | None
) -> tuple[int | None, float | None]:
    """Return tokens and dollars as far as a limit lets them come."""
    if limit.tokens is not None:
        tokens = min(limit.tokens, tokens if tokens is not None else limit.tokens)
        if worst:
            most = limit.tokens * max(worst.prompt, worst.completion)
            cost = most if cost is None else min(cost, most)
    if limit.cost is not None:
        cost = limit.cost if cost is None else min(cost, limit.cost)
    return tokens, cost
