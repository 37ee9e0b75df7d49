"""Whether a time limit lets the embedded model write a whole answer at all."""

from __future__ import annotations

from collections.abc import Iterator

from agent.models.local.catalog import is_embedded
from swebench_runs.config import RunConfig
from swebench_runs.one_task.players import usual_test_scaffold
from swebench_runs.one_task.time_for_edits import KEPT_WITHOUT

READ, WRITTEN = 100.0, 24.0
"""Tokens a second that the embedded model reads and writes on two idle cores."""
TESTS_SHARE = 0.3
"""Of a task's time what its test trajectories have; where they take it all, editing has the rest."""
SHORT = frozenset({"sampling", "sampled-tests"})
"""Scaffolds that ask for lines and single functions, which take seconds."""


def too_short(config: RunConfig) -> list[str]:
    """Return a line for each embedded model that a time limit gives no time for one whole answer."""
    return [line for name in config.models for line in _told(config, name)]


def _told(config: RunConfig, name: str) -> Iterator[str]:
    profile = config.profile_of(name)
    needs = profile.shown / READ + profile.answer_tokens / WRITTEN
    if not is_embedded(name) or config.endpoints(name).api_bases:
        return
    for what, given, sampled in _stages(config, name):
        if needs > given:
            when = ", where no test shows the issue," if sampled else ""
            yield (
                f"{name} has at most {given:.0f} s for {what} and{when} takes up to {needs:.0f} s for one answer on 2 "
                f"idle cores (reads {profile.shown:,} tokens, writes up to {profile.answer_tokens:,}): raise "
                "limits.task.seconds, or give it less with -c context_tokens=N -c answer_tokens=N (as -c demo does)"
            )


def _stages(config: RunConfig, name: str) -> Iterator[tuple[str, float, bool]]:
    """Yield each stage in which a model may write whole answers, its seconds, and whether it does only at a pinch."""
    one, task = config.limits.trajectory.seconds, config.limits.task.seconds

    def least(share: float) -> float:
        return min(one or float("inf"), share * task if task else float("inf"))

    if name in config.pool_of("test").names and config.tests:
        used = config.test_scaffold or usual_test_scaffold(config.profile_of(name))
        if used not in SHORT:
            yield "tests", least(TESTS_SHARE), False
    if name in config.pool_of("edit").names:
        names = config.mix.pool.names if config.mix else (config.profile_of(name).scaffold,)
        share = 1 - KEPT_WITHOUT - (TESTS_SHARE if config.tests else 0)
        yield "edits", least(share), all(one in SHORT for one in names)
