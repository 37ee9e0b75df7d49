"""Looks, while a command runs, at what no hard limit covers: its disk, an ordinary user's memory, the host's room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from environments.sandboxes.looks.disk import deleted_use, disk_use
from environments.sandboxes.looks.host import assert_room, free_disk
from environments.sandboxes.looks.memory import memory_use


@dataclass
class Watch:
    """Says why a command must end. ``memory`` is None where a control group bounds it."""

    upper: Path
    disk: int
    """Bytes that the sandbox may still write above its frozen layers."""
    memory: int | None
    oom_killed: Callable[[], bool] = lambda: False
    """Tells whether the kernel has killed one of the processes for want of memory: the others are ended too, as
    version 2 of control groups does by itself."""
    _free: int = field(init=False)

    def __post_init__(self) -> None:
        self._free = free_disk(self.upper)

    def __call__(self, init_pid: int) -> str | None:
        """Return ``disk``, ``memory`` or None; ``init_pid`` is the sandbox's process 1 as seen here.

        Raises MachineShort, whoever filled the host.
        """
        if self.oom_killed() or (self.memory is not None and memory_use(init_pid, self.memory) > self.memory):
            return "memory"
        used = disk_use(self.upper)
        # Deleted files are looked for only where the disk has lost what would make a difference.
        if used <= self.disk and used + self._free - free_disk(self.upper) > self.disk:
            used += deleted_use(init_pid, self.upper)
        if used > self.disk:
            return "disk"
        assert_room(self.upper)
        return None
