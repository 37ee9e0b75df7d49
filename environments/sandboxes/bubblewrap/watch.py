"""Looks, while a command runs, at what no hard limit covers: its disk, an ordinary user's memory, the host's room."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from environments.sandboxes.looks.disk import deleted_use, disk_use, is_hidden, written_by
from environments.sandboxes.looks.host import assert_room, free_disk
from environments.sandboxes.looks.memory import memory_use
from environments.sandboxes.looks.pace import Pace
from environments.sandboxes.looks.processes import stopped


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
    pace: Pace = field(init=False)
    _free: int = field(init=False)
    _hidden: bool = field(default=False, init=False)
    """Whether the last look found a process that hides what it holds."""

    def __post_init__(self) -> None:
        self._free = free_disk(self.upper)
        self.pace = Pace(self.upper, self.disk)

    def __call__(self, init_pid: int) -> str | None:
        """Return ``disk``, ``memory`` or None; ``init_pid`` is the sandbox's process 1 as seen here.

        To be called at ``pace.next``. Raises MachineShort, whoever filled the host.
        """
        if not self.pace.is_due(lambda: written_by(init_pid)):
            return None
        began = time.monotonic()
        # What writes faster than it is counted stands still meanwhile.
        with stopped(init_pid) if self.pace.hurried else contextlib.nullcontext():
            written = written_by(init_pid)
            reason, used = self._look(init_pid)
        self.pace.counted(self.disk - used, began, written)
        return reason

    def _look(self, init_pid: int) -> tuple[str | None, int]:
        if self.oom_killed() or (self.memory is not None and memory_use(init_pid, self.memory) > self.memory):
            return "memory", 0
        used = disk_use(self.upper, self.disk)
        lost = self._free - free_disk(self.upper)
        hidden = False
        # What is hidden is looked for only where the disk has lost what would make a difference.
        if used <= self.disk and used + lost > self.disk:
            used = disk_use(self.upper, self.disk, pry=True) + deleted_use(init_pid, self.upper)
            hidden = is_hidden(init_pid)
        hides_still, self._hidden = hidden and self._hidden, hidden
        if used > self.disk or hides_still:
            return "disk", used
        assert_room(self.upper)
        # All that the disk lost may be what it hides, and may as well be another's: the next look is at once.
        return None, used + (lost if hidden else 0)
