"""Looks, from inside of the process that is measured, at who holds a turn and what the processor's time went to."""

from __future__ import annotations

import resource
import time
from typing import Any, ClassVar

from acceptance.batch.load.looking import Looking
from acceptance.batch.load.watch import TAIL
from environments.workbench.tests_at_once import TURNS


class Inside(Looking):
    """Counts over and over until the block ends; ``told`` then says what was seen."""

    PAUSE: ClassVar[float] = 0.02

    def __init__(self) -> None:
        super().__init__()
        self._looks: list[tuple[float, int, int]] = []
        """When, how many turns were held, how many waited for one."""
        self._before = _processor()
        self._began = time.monotonic()

    def told(self) -> dict[str, Any]:
        """Return the share of the turns that were held while there was work, and seconds of the processor.

        ``turns_held``: of all, from the first on, without the tail; ``turns_held_while_waited_for``: the same, of the
        looks at which somebody waited. ``driver`` is this process with what it starts beside sandboxes.
        """
        own, children = (after - before for after, before in zip(_processor(), self._before, strict=True))
        seen = [when for when, held, _ in self._looks if held]
        end = seen[-1] - TAIL * (seen[-1] - seen[0]) if seen else 0.0
        within = [(held, waiting) for when, held, waiting in self._looks if seen and seen[0] <= when <= end]
        wanted = [held for held, waiting in within if waiting]
        return {
            "turns": TURNS.count,
            "turns_held": _share([held for held, _ in within]),
            "turns_held_while_waited_for": _share(wanted),
            "looks_with_somebody_waiting": round(len(wanted) / max(1, len(within)), 3),
            "processor_seconds": {"driver": round(own, 1), "children": round(children, 1)},
            "wall_seconds": round(time.monotonic() - self._began, 1),
        }

    def look(self) -> None:
        """Look once at the turns."""
        self._looks.append((time.monotonic(), TURNS.held, TURNS.waiting))


def _share(held: list[int]) -> float | None:
    return round(sum(held) / TURNS.count / len(held), 3) if held else None


def _processor() -> tuple[float, float]:
    """Return the user and system seconds of this process, and of its children that were waited for."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime, children.ru_utime + children.ru_stime
