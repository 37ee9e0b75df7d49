"""Control groups: how memory and processes are bounded where Runoff may make them (as root; v1 or v2).

A group is leased for one command and used again for the next, since making and removing groups is what takes time
(a removed memory group lives on until its page cache is reclaimed). Its name carries the owner, for ``leftovers``.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from environments.sandboxes.contract import Limits
from environments.sandboxes.leftovers import CGROUP_ROOT, cgroup_name

_FULL = 0.95
"""Of its limit: what a group has taken that came to it; the last pages are charged in batches."""


@dataclass(frozen=True)
class Hierarchies:
    """The folders in which groups are made: one for both controllers (v2), or one each (v1)."""

    memory: Path
    pids: Path

    @property
    def unified(self) -> bool:
        """Say whether this is version 2."""
        return self.memory == self.pids


@functools.cache
def hierarchies() -> Hierarchies | None:
    """Return where this process may make groups that bound memory and processes; None where it may not."""
    for parent in (CGROUP_ROOT, CGROUP_ROOT / _own_v2().strip("/")):
        control = parent / "cgroup.subtree_control"
        if control.is_file() and {"memory", "pids"} <= set(control.read_text().split()) and os.access(parent, os.W_OK):
            return Hierarchies(parent, parent)
    memory, pids = CGROUP_ROOT / "memory", CGROUP_ROOT / "pids"
    if all((parent / "cgroup.procs").is_file() and os.access(parent, os.W_OK) for parent in (memory, pids)):
        return Hierarchies(memory, pids)
    return None


def _own_v2() -> str:
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        if line.startswith("0::"):
            return line[3:]
    return "/"


@functools.lru_cache(maxsize=8)
def _own_v1(thread: int) -> dict[str, str]:
    """Return the group of the calling thread, whose number is ``thread``, by controller; where it was at first."""
    lines = Path("/proc/thread-self/cgroup").read_text().splitlines()
    return {
        name: path for _, names, path in (line.split(":", 2) for line in lines) for name in names.split(",") if name
    }


class Group:
    """A control group of memory and processes."""

    def __init__(self, where: Hierarchies, number: int) -> None:
        """Make the group.

        Raises:
            OSError: it cannot be made.
        """
        self._unified = where.unified
        self._bound: Limits | None = None
        self._memory = where.memory / cgroup_name(number)
        self._pids = where.pids / cgroup_name(number)
        for folder in {self._memory, self._pids}:
            folder.mkdir(exist_ok=True)

    def bound(self, limits: Limits) -> None:
        """Set the ceilings. One process more than asked for is bwrap's own, outside; one its process 1."""
        if limits == self._bound:
            return
        self._bound = None
        if self._unified:
            (self._memory / "memory.max").write_text(str(limits.memory))
            (self._memory / "memory.oom.group").write_text("1")
            _write_if_there(self._memory / "memory.swap.max", "0")
        else:
            _write_if_there(self._memory / "memory.memsw.limit_in_bytes", "-1")
            (self._memory / "memory.limit_in_bytes").write_text(str(limits.memory))
            _write_if_there(self._memory / "memory.memsw.limit_in_bytes", str(limits.memory))
            # What waits in sockets of the internet families counts apart there.
            _write_if_there(self._memory / "memory.kmem.tcp.limit_in_bytes", str(limits.memory))
        (self._pids / "pids.max").write_text(str(limits.processes + 2))
        self._bound = limits

    @contextlib.contextmanager
    def spawning(self) -> Iterator[None]:
        """Have what the calling thread starts meanwhile begin in the group (v1; on v2 ``adopt`` does it).

        A thread may move itself without waiting. Moving another process takes a lock over all of the system's forks,
        which is some 10 ms on a busy machine.
        """
        if self._unified:
            yield
            return
        homes = _own_v1(threading.get_native_id())
        for folder in (self._memory, self._pids):
            (folder / "tasks").write_text("0")
        try:
            yield
        finally:
            for folder in (self._memory, self._pids):
                own = folder.parent / homes[folder.parent.name].strip("/") / "tasks"
                (own if own.exists() else folder.parent / "tasks").write_text("0")

    def adopt(self, pid: int) -> None:
        """Move a process into the group, and with it what it starts later (v2; on v1 it began there)."""
        if self._unified:
            (self._memory / "cgroup.procs").write_text(str(pid))

    def remove(self) -> None:
        """Remove the group, which must be empty."""
        for folder in {self._memory, self._pids}:
            folder.rmdir()

    def oom_kills(self) -> int:
        """Return how many processes the kernel has killed in it for want of memory."""
        report = self._memory / ("memory.events" if self._unified else "memory.oom_control")
        counts = dict(line.split() for line in report.read_text().splitlines())
        return int(counts.get("oom_kill", 0))

    @property
    def _peak_file(self) -> Path:
        return self._memory / ("memory.peak" if self._unified else "memory.max_usage_in_bytes")

    @contextlib.contextmanager
    def peak(self) -> Iterator[Callable[[], int | None]]:
        """Count memory anew for the block; gives what tells the most since, or None where the kernel cannot.

        Version 2 counts anew from Linux 6.12 on, and only for the descriptor by which that was asked for.
        """
        with contextlib.ExitStack() as held:
            try:
                file = held.enter_context(self._peak_file.open("r+b", buffering=0))
                file.write(b"0")
            except OSError:
                yield lambda: None
                return

            def most() -> int:
                file.seek(0)
                return int(file.read())

            yield most

    def came_to_limit(self, peak: int | None, ooms: int) -> bool:
        """Tell whether it took all that it may since ``ooms`` were counted; a kill without that was for the machine's
        want of memory. ``peak``: what it took at most.

        Version 1 counts no such thing reliably, but what was taken at most it does.
        """
        if self._unified:
            return self.ooms() > ooms
        return peak is None or self._bound is None or peak >= _FULL * self._bound.memory

    def ooms(self) -> int:
        """Return how often it has come to its limit for good, whoever was killed for it; 0 on version 1."""
        if not self._unified:
            return 0
        counts = dict(line.split() for line in (self._memory / "memory.events").read_text().splitlines())
        return int(counts["oom"])


class Groups:
    """The groups of this process, each leased to one command at a time."""

    def __init__(self, where: Hierarchies) -> None:
        self._where = where
        self._numbers = itertools.count()
        self._free: list[Group] = []
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def lease(self, limits: Limits) -> Iterator[Group]:
        """Lend an empty group with these ceilings."""
        with self._lock:
            group = self._free.pop() if self._free else Group(self._where, next(self._numbers))
        group.bound(limits)
        try:
            yield group
        finally:
            with self._lock:
                self._free.append(group)

    def remove_idle(self) -> None:
        """Remove the groups that no command uses; the next command makes a new one."""
        with self._lock:
            idle, self._free = self._free, []
        for group in idle:
            group.remove()


@functools.cache
def _groups_of(pid: int) -> Groups | None:
    where = hierarchies()
    return Groups(where) if where else None


def groups() -> Groups | None:
    """Return this process's groups (a forked child of Runoff has its own); None where it may make none."""
    return _groups_of(os.getpid())


def remove_idle_groups() -> None:
    """Remove what the last sandbox leaves."""
    mine = groups()
    if mine:
        mine.remove_idle()


def _write_if_there(path: Path, value: str) -> None:
    if path.exists():
        path.write_text(value)
