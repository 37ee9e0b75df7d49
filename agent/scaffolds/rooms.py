"""How much of what was run and changed a prompt shows, by the model's window."""

from __future__ import annotations

from dataclasses import dataclass

from agent.models.profiles import ModelProfile

_SMALL_WINDOW = 16_384
_UNKNOWN_WINDOW = 32_768
_CHARACTERS = 4
"""Of code and of test output, a token."""
_OUTPUT_SHARE, _DIFF_SHARE = 16, 8
_MOST_OUTPUT, _MOST_DIFF = 24_000, 60_000


@dataclass(frozen=True)
class Rooms:
    """Characters that a prompt has room for; what is longer is shown by its head and its tail."""

    output: int = 1500
    """One test's output."""
    diff: int = 4000
    """One change."""
    regressions: int = 0
    """The tracebacks of the existing tests that a change breaks, together; 0: their names alone."""
    names: int = 5
    """How many of those tests are named."""


def rooms_of(profile: ModelProfile) -> Rooms:
    """Return the rooms of a model: a small window's, or shares of a larger one. ``feedback_tokens`` stands above."""
    window = profile.context_tokens or _UNKNOWN_WINDOW
    if window <= _SMALL_WINDOW and not profile.feedback_tokens:
        return Rooms()
    characters = window * _CHARACTERS
    output = min(_MOST_OUTPUT, characters // _OUTPUT_SHARE)
    if profile.feedback_tokens:
        output = profile.feedback_tokens * _CHARACTERS
    return Rooms(output=output, diff=min(_MOST_DIFF, characters // _DIFF_SHARE), regressions=output, names=20)
