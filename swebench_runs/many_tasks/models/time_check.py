"""Whether a task's time limit lets the embedded model answer at all."""

from __future__ import annotations

from agent.models.local.catalog import is_embedded
from swebench_runs.config import RunConfig

READ, WRITTEN = 100.0, 24.0
"""Tokens a second that the embedded model reads and writes on two idle cores."""
TESTS_SHARE = 0.35
"""Of a task's time what its first answers have, and a little: this says what cannot work, not what is tight."""


def too_short(config: RunConfig) -> list[str]:
    """Return a line for each embedded model that the time limit gives no time for one whole answer."""
    seconds = [one.seconds for one in (config.limits.trajectory, config.limits.task) if one.seconds is not None]
    if not seconds:
        return []
    shares = [config.limits.trajectory.seconds, (config.limits.task.seconds or 0) * TESTS_SHARE or None]
    given = min(one for one in shares if one is not None)
    return [
        f"{name} has {given:.0f} s for its first answer and takes about {needs:.0f} s on two cores "
        f"(reads {profile.shown:,} tokens, writes up to {profile.answer_tokens:,}): raise limits.task.seconds, "
        "or give it less with -c context_tokens=N -c answer_tokens=N (as -c demo does)"
        for name in config.models
        if is_embedded(name) and not config.endpoints(name).api_bases
        for profile in (config.profile_of(name),)
        if (needs := profile.shown / READ + profile.answer_tokens / WRITTEN) > given
    ]
