"""How long editing goes on: what is kept of a task's time for choosing is of no use while there is nothing to choose.

A trajectory that has made the first patch late leaves choosing what is left then.
"""

from __future__ import annotations

from collections.abc import Callable

from agent.trajectory.budget import Ceilings, Ledger

KEPT = 0.3
"""Share of a task's budget that is kept for what comes after a patch."""
KEPT_WITHOUT = 0.05
"""Share of its time that is kept while there is none."""


class UntilMade:
    """A stage's ceilings, whose time is longer while nothing was made."""

    def __init__(self, usual: Ceilings, more: float, made: Callable[[], bool]) -> None:
        """``more``: seconds beyond the usual ones."""
        self._usual, self._more, self._made = usual, more, made

    @property
    def turns(self) -> int | None:
        """Model calls."""
        return self._usual.turns

    @property
    def tokens(self) -> int | None:
        """Prompt and completion tokens, added."""
        return self._usual.tokens

    @property
    def cost(self) -> float | None:
        """US dollars."""
        return self._usual.cost

    @property
    def seconds(self) -> float | None:
        """Wall seconds."""
        usual = self._usual.seconds
        return usual if usual is None or self._made() else usual + self._more


def lengthened(stage: Ledger, whole: float | None, made: Callable[[], bool]) -> Ledger:
    """Let a stage that keeps ``KEPT`` of ``whole`` seconds go on while nothing was made; returns it."""
    if whole is not None:
        stage.limits = UntilMade(stage.limits, (KEPT - KEPT_WITHOUT) * whole, made)
    return stage
