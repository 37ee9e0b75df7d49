"""What a judge is shown of a trajectory: what was done and what came of it, never what the trajectory thought of it.

A judge that reads the thoughts believes the confident ones (R2E-Gym, arXiv 2504.07164, its attention analysis).
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.models.profiles import ModelProfile
from agent.scaffolds.both_sides import clipped
from verifiers.judges.diff_room import diff_room

_LEAST = 2000
_ONE = 1500
"""Characters of one observation at most, and of one action."""


def shown_steps(steps: Sequence[tuple[str, str, str]], profile: ModelProfile) -> list[dict[str, str]]:
    """Return the last steps that there is room for, each as an action and its result, oldest first."""
    room, shown = diff_room(profile, least=_LEAST), list[dict[str, str]]()
    for _, action, observation in reversed(steps):
        step = {"action": clipped(action.strip(), _ONE), "result": clipped(observation.strip(), _ONE)}
        room -= sum(map(len, step.values()))
        if room < 0:
            break
        shown.append(step)
    return shown[::-1]
