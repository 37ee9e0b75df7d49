"""A command's time limit: it counts only while the command could run.

Where something else keeps the cores busy, a test waits for a core for no fault of its own. What it waited, as the
kernel counts it, is given back when its time is over; not without end, for a command with more threads than there are
cores waits for itself.
"""

from __future__ import annotations

from environments.sandboxes.looks.cpu import waited_time

MOST_GIVEN = 4.0
"""Times its limit that a command may be given back."""
_LEAST_GIVEN = 0.05
"""Of the limit: less than that changes nothing."""


class Timeout:
    """When a command must end."""

    def __init__(self, started: float, seconds: float) -> None:
        """``started``: on the monotonic clock."""
        self.deadline = started + seconds
        self._seconds, self._given = seconds, 0.0

    def over(self, now: float, init_pid: int | None) -> bool:
        """Tell whether the time is over; ``init_pid``: the sandbox's process 1, once it is there."""
        if now < self.deadline:
            return False
        waited = min(waited_time(init_pid), MOST_GIVEN * self._seconds) if init_pid else 0.0
        more = waited - self._given
        if more < _LEAST_GIVEN * self._seconds:
            return True
        self._given += more
        self.deadline += more
        return now >= self.deadline
