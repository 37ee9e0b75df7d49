"""What the commands of a sandbox and its forks took of this machine: to size the next job."""

from __future__ import annotations

import threading

from environments.sandboxes.contract import Taken
from environments.sandboxes.order import Ended


class Meter:
    """Adds up. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = Taken()

    def add(self, ended: Ended) -> None:
        """Count a command."""
        with self._lock:
            known = self._taken
            cores = [one for one in (known.core_seconds, ended.core_seconds) if one is not None]
            peaks = [one for one in (known.peak_memory, ended.peak_memory) if one is not None]
            self._taken = Taken(
                commands=known.commands + 1,
                core_seconds=sum(cores) if cores else None,
                peak_memory=max(peaks, default=None),
            )

    def total(self) -> Taken:
        """Return what was counted."""
        with self._lock:
            return self._taken
