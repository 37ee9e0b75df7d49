"""What runs leave on the host: processes, sandboxes' folders, control groups, mounts."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from environments.sandboxes import leftovers
from environments.sandboxes.bubblewrap.launcher import adopt_orphans, adopts_orphans

GRACE = 15.0
"""Seconds in which the children of a killed process must notice and end."""


@contextlib.contextmanager
def adopting_orphans() -> Iterator[None]:
    """Become the parent of every descendant whose own parent dies: so none that outlives a kill can hide."""
    before = adopts_orphans()  # true wherever sandboxes were started: they need it for as long as the process lives
    adopt_orphans()
    try:
        yield
    finally:
        adopt_orphans(before)


def surviving_processes(known: Collection[int], *, grace: float = GRACE) -> dict[int, str]:
    """Return pid -> command line of the descendants that still live after ``grace`` seconds.

    ``known`` are those that should live, with whatever they started. Adopted ones that have ended are reaped.
    """
    until = time.monotonic() + grace
    while True:
        alive = _descendants(os.getpid(), set(known))
        if not alive or time.monotonic() > until:
            return alive
        time.sleep(0.05)


def state_folders(home: Path) -> list[str]:
    """Return what lies in a private home of sandbox state (``RUNOFF_STATE``)."""
    return sorted(item.name for item in home.iterdir()) if home.is_dir() else []


def control_groups(owners: Collection[int]) -> list[str]:
    """Return the control groups that bear one of these processes' names."""
    found = [folder for folder in leftovers.CGROUP_ROOT.rglob("runoff.*") if folder.is_dir()]
    return sorted(str(folder) for folder in found if owner_of(folder.name) in owners)


def owner_of(group: str) -> int:
    """Return the process id in a control group's name (``leftovers.cgroup_name``)."""
    return int(group.split(".")[-3])


def mounts_below(folder: Path) -> list[str]:
    """Return the mount points of this host in or under a folder, or made from it."""
    return [line for line in Path("/proc/self/mounts").read_text().splitlines() if str(folder) in line]


def _descendants(root: int, known: set[int]) -> dict[int, str]:
    """Walk down the process tree from ``root``, leaving out ``known`` and all below them."""
    children: dict[int, list[int]] = {}
    states: dict[int, str] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal() and (stat := _read(folder / "stat")):
            pid, (state, parent) = int(folder.name), stat.rpartition(")")[2].split()[:2]
            children.setdefault(int(parent), []).append(pid)
            states[pid] = state
    alive: dict[int, str] = {}
    waiting = [pid for pid in children.get(root, []) if pid not in known]
    while waiting:
        pid = waiting.pop()
        waiting += children.get(pid, [])
        if states[pid] != "Z":
            alive[pid] = _read(Path(f"/proc/{pid}/cmdline")).replace("\0", " ").strip()
        elif pid in children.get(root, []):
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
    return alive


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
