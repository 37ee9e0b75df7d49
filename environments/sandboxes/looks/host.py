"""Whether the host itself has room left: what runs short here is nobody's fault who runs in a sandbox."""

from __future__ import annotations

import os
from pathlib import Path

from environments.sandboxes.contract import MachineShort
from environments.sandboxes.looks.processes import kilobytes, told

DISK_FLOOR = 256 << 20
"""Free bytes of the disk with the sandboxes below which no command is run, or goes on."""
MEMORY_FLOOR = 128 << 20
"""The same of memory that the kernel could give out. What no look of ours can count (locks, descriptors that wait in
sockets, memory that its mapper has left) ends here, before the kernel ends processes of its own choice."""


def assert_room(place: Path) -> None:
    """Raise MachineShort where the disk of ``place``, or the memory, is nearly used up."""
    free = free_disk(place)
    if free < DISK_FLOOR:
        raise MachineShort(
            "disk",
            f"only {free >> 20} MiB are free on the disk of {place}, and sandboxes need {DISK_FLOOR >> 20}: free some, "
            "or set RUNOFF_STATE to a larger disk",
        )
    available = kilobytes(told("/proc/meminfo"), "MemAvailable")
    if available is not None and available < MEMORY_FLOOR:
        raise MachineShort(
            "memory",
            f"only {available >> 20} MiB of memory are left on this host, and sandboxes need {MEMORY_FLOOR >> 20}: end "
            "something, or run fewer at once (-w)",
        )


def free_disk(place: Path) -> int:
    """Return the bytes that are free on a path's disk."""
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize
