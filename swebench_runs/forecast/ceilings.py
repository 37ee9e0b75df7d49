"""What a task can take at most, all its trajectories to their last turn, and what they probably take."""

from __future__ import annotations

from dataclasses import dataclass

from agent.models.profiles import ModelProfile
from agent.models.roles import Role
from agent.scaffolds import SCAFFOLDS
from selection.runoff_plan import usual_turns, works_in_trees
from swebench_runs.config import RunConfig
from swebench_runs.forecast.likely import likely_of, pace_of
from swebench_runs.forecast.most import Most, Way, calls_of, of_trajectory, together
from swebench_runs.many_tasks.models.model_prices import model_price
from swebench_runs.one_task.players import usual_test_scaffold
from swebench_runs.one_task.waiving import may_waive
from verifiers.judges import JUDGES, asked
from verifiers.waivers import MOST_TESTS


@dataclass(frozen=True)
class Ceiling:
    """What trajectories of one role by one model can take, in one task."""

    role: Role
    model: str
    trajectories: int
    calls: int
    turns: int
    """Of the longest of them."""
    most: Most
    likely: Most
    """What they probably take, as far as limits of single trajectories let them."""
    assumed: str
    """What that assumes of one of them."""


@dataclass(frozen=True)
class _Trajectory:
    turns: int
    way: Way = "talk"
    samples: bool = False
    """It asks for lines and single functions."""


def ceilings(config: RunConfig, issue: int = 0) -> list[Ceiling]:
    """Return what each role of a task can take at most, by model, under the limits of single trajectories.

    ``issue``: tokens of the longest issue.
    """
    found: dict[tuple[Role, str], list[_Trajectory]] = {}
    for index in range(0 if config.given else config.editing):
        name = config.pool_of("edit").draw(index, config.seed)
        found.setdefault(("edit", name), []).append(_editor(config, index, config.profile_of(name)))
    for index in range(config.tests):
        name = config.pool_of("test").draw(index, config.seed)
        found.setdefault(("test", name), []).append(_tester(config, config.profile_of(name)))
    if config.locate != "none":
        calls = 2 if config.locate == "symbols" else config.locate_files + config.locate_rankings
        found["locate", config.pool_of("locate").first] = [_Trajectory(calls, "questions")]
    judge, runoff = config.pool_of("judge").first, config.pool_of("runoff").first
    for one in asked(config.judge, config.profile_of(judge)):
        answers = JUDGES[one].questions(config.editing, config.profile_of(judge).judge_draws)
        found.setdefault(("judge", judge), []).append(_Trajectory(max(1, answers), "verdicts"))
    if config.runoff_turns != 0 and config.editing > 1:
        profile = config.profile_of(runoff)
        way: Way = "tools" if works_in_trees(profile) else "talk"
        found["runoff", runoff] = [_Trajectory(config.runoff_turns or usual_turns(profile), way)]
        if may_waive(config, profile):
            found["runoff", runoff].append(_Trajectory(MOST_TESTS, "verdicts"))
    return [_ceiling(config, role, name, drawn, issue) for (role, name), drawn in found.items()]


def _editor(config: RunConfig, index: int, profile: ModelProfile) -> _Trajectory:
    mix = config.mix
    name = mix.of(index, {}) if mix else profile.scaffold
    way: Way = "tools" if name == "tools" else "talk"
    return _Trajectory(config.turns or SCAFFOLDS[name].turns, way, samples=name == "sampling")


def _tester(config: RunConfig, profile: ModelProfile) -> _Trajectory:
    name = config.test_scaffold or usual_test_scaffold(profile)
    return _Trajectory(config.test_turns or SCAFFOLDS[name].turns, "tools" if name == "tools-test" else "talk")


def _ceiling(config: RunConfig, role: Role, name: str, drawn: list[_Trajectory], issue: int) -> Ceiling:
    profile, price, limit = config.profile_of(name), model_price(config, name), config.limits.trajectory
    worst = price.worst(profile.context_tokens or 10**9) if price else None
    parts, probably, assumed = [], [], dict[str, None]()
    for one in drawn:
        # A limit of turns counts calls.
        turns = one.turns if limit.turns is None else min(one.turns, limit.turns)
        most = of_trajectory(profile, price, turns, way=one.way, issue=issue)
        parts.append(most.within(limit, worst, "limits.trajectory"))
        pace = pace_of(one.way, edits=role == "edit", samples=one.samples)
        likely = likely_of(profile, price, turns, pace, issue=issue + (profile.shown if pace.shows else 0))
        probably.append(likely.within(limit, worst, "limits.trajectory"))
        assumed[pace.said] = None
    turns = max(one.turns for one in drawn)
    calls = sum(calls_of(profile, one.way) * one.turns for one in drawn)
    said = ", ".join(assumed)
    return Ceiling(role, name, len(drawn), calls, turns, together(parts), together(probably), said)
