"""How much of a change a judge, or whoever compares several, is shown: as much as the model's window holds."""

from __future__ import annotations

from agent.models.profiles import ModelProfile

_SMALL_WINDOW = 16_384
_UNKNOWN_WINDOW = 32_768
_MOST = 200_000


def diff_room(profile: ModelProfile, *, least: int, changes: int = 1) -> int:
    """Return the characters for each of so many changes.

    ``least`` where the window is small; else a quarter of the window for all, a token being four characters.
    """
    window = profile.context_tokens or _UNKNOWN_WINDOW
    if window <= _SMALL_WINDOW:
        return least
    return max(least, min(window, _MOST) // max(1, changes))
