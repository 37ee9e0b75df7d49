"""What this machine has left for sandboxes: cores, memory, disk; of a container, what the container has."""

from __future__ import annotations

import os
import shutil
from functools import cache
from math import ceil
from pathlib import Path

import psutil

LEAST_MEMORY = 1 << 30
"""Bytes that are to be free before another test starts beside those that run; an eighth of a small machine's."""
LEAST_DISK = 1 << 30
"""Bytes that are to be free before a task begins: what a few sandboxes write."""
_CGROUPS = Path("/sys/fs/cgroup")


def cores(root: Path = _CGROUPS) -> int:
    """Return how many processes may run at once: the cores of this process, fewer where a control group grants less."""
    allowed = len(os.sched_getaffinity(0))
    return max(1, min(allowed, ceil(granted)) if (granted := _granted(root)) else allowed)


def has_memory() -> bool:
    """Tell whether another test can start without those that run being killed for want of memory."""
    memory = psutil.virtual_memory()
    return bool(memory_left(memory.available) >= min(LEAST_MEMORY, memory.total // 8))


def memory_left(available: int, root: Path = _CGROUPS) -> int:
    """Return the bytes that may be taken yet, of what the machine has ``available`` and the control group allows."""
    group = _own_group(root)
    limit = _read(group / "memory.max")
    if limit in ("", "max"):
        return available
    return min(available, int(limit) - int(_read(group / "memory.current") or 0))


def disk_short(folder: Path) -> str:
    """Return what is wrong with the disk that a folder is on, with what to do, in one line; empty where there is room.

    The folder need not be there yet.
    """
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free >= LEAST_DISK:
        return ""
    return f"only {free >> 20} MiB are free at {there}, and {LEAST_DISK >> 20} are needed to begin a task: free some"


def _granted(root: Path) -> float | None:
    """Return the cores of a quota (version 2 of control groups); None where there is none."""
    quota, _, period = _read(_own_group(root) / "cpu.max").partition(" ")
    return int(quota) / int(period) if quota.isdigit() and period else None


@cache
def _own_group(root: Path) -> Path:
    lines = _read(Path("/proc/self/cgroup")).splitlines()
    own = next((line[3:] for line in lines if line.startswith("0::")), "/")
    return root / own.strip("/")


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:  # no such control here: nothing is bounded by it
        return ""
