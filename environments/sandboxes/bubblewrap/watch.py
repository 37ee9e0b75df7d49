"""Looks, while a command runs, at what no hard limit covers: its disk, and an ordinary user's memory."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from environments.sandboxes.bubblewrap.flatten import opened

_ENTRY = 1024
"""Bytes that every file and folder counts beside its blocks: empty files use up a disk too."""
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_HOST_FLOOR = 256 << 20
"""Free bytes of the host's disk below which a command is ended whatever its own count says: what it writes to
deleted files is on the disk and in no folder."""


@dataclass(frozen=True)
class Watch:
    """Says why a command must end. ``memory`` is None where a control group bounds it."""

    upper: Path
    disk: int
    """Bytes that the sandbox may still write above its frozen layers."""
    memory: int | None
    oom_killed: Callable[[], bool] = lambda: False
    """Tells whether the kernel has killed one of the processes for want of memory: the others are ended too, as
    version 2 of control groups does by itself."""

    def __call__(self, init_pid: int) -> str | None:
        """Return ``disk``, ``memory``, ``host`` or None; ``init_pid`` is the sandbox's process 1 as seen here.

        ``host``: the machine's disk is full, whoever filled it.
        """
        if disk_use(self.upper) > self.disk:
            return "disk"
        if self._host_is_full():
            return "host"
        if self.oom_killed() or (self.memory is not None and memory_use(init_pid, self.memory) > self.memory):
            return "memory"
        return None

    def _host_is_full(self) -> bool:
        free = os.statvfs(self.upper)
        return free.f_bavail * free.f_frsize < _HOST_FLOOR


def disk_use(top: Path) -> int:
    """Return the bytes that a folder takes on disk; safe beside a program that changes it meanwhile.

    A tree too deep for a path of the kernel counts as without bound. Folders that their owner closed are opened for
    the count only by ``disk_use_at_rest``.
    """
    return _disk_use(top, pry=False)


def disk_use_at_rest(top: Path) -> int:
    """Return the same when no command runs; closed folders (mode 000) are counted too and left as they were."""
    return _disk_use(top, pry=True)


def _disk_use(top: Path, *, pry: bool) -> int:
    total = 0
    waiting = [str(top)]
    while waiting:
        folder = waiting.pop()
        try:
            entries = _listing(folder, pry=pry)
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return 1 << 62
            continue
        for path, status in entries:
            total += status.st_blocks * 512 + _ENTRY
            if stat.S_ISDIR(status.st_mode):
                waiting.append(path)
    return total


def _listing(folder: str, *, pry: bool) -> list[tuple[str, os.stat_result]]:
    with opened(folder) if pry else contextlib.nullcontext(), os.scandir(folder) as entries:
        return [(entry.path, status) for entry in entries if (status := _status(entry))]


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None


def memory_use(init_pid: int, enough: int) -> int:
    """Return the bytes that a sandbox's processes and its /dev/shm take.

    A cheap count first, in which what forked processes share counts again for each; only where that exceeds
    ``enough``, the proportional one.
    """
    try:
        processes = _processes(init_pid)
        shared = os.statvfs(f"/proc/{init_pid}/root/dev/shm")
    except OSError:
        return 0
    if not processes:
        return 0
    shm = (shared.f_blocks - shared.f_bfree) * shared.f_frsize
    private = sum(map(_private, processes)) + shm
    return private if private <= enough else sum(map(_proportional, processes)) + shm


def cpu_time(init_pid: int) -> float:
    """Return the CPU seconds of a sandbox's processes, with those of their children that have ended."""
    try:
        return sum(_cpu_time(_stat(process)) for process in _processes(init_pid))
    except OSError:
        return 0.0


def ended_cpu_time(pid: int | None) -> float:
    """Return the CPU seconds of an ended process that its parent has not waited for, with its children's; else 0."""
    fields = _stat(f"/proc/{pid}")
    return _cpu_time(fields) if fields[:1] == ["Z"] else 0.0


def _cpu_time(fields: list[str]) -> float:
    """Sum up user and system time, a process's own and that of the children it has waited for."""
    return sum(map(int, fields[11:15])) / _TICKS


def _stat(process: str) -> list[str]:
    """Return what /proc/N/stat says from the state on; empty of a process that is gone."""
    return _text(f"{process}/stat").rpartition(")")[2].split()


def waited_time(init_pid: int) -> float:
    """Return the seconds for which the thread of a sandbox that waited most was ready to run and had no core."""
    try:
        stats = [_text(stat) for process in _processes(init_pid) for stat in _schedules(process)]
    except OSError:
        return 0.0
    return max((int(stat.split()[1]) / 1e9 for stat in stats if stat), default=0.0)


def _schedules(process: str) -> list[str]:
    try:
        return [f"{thread.path}/schedstat" for thread in os.scandir(f"{process}/task")]
    except OSError:  # it ended meanwhile
        return []


def _processes(init_pid: int) -> list[str]:
    """Return the folders of a sandbox's processes; none while it is being set up, when its root is the host's."""
    inside = Path(f"/proc/{init_pid}/root/proc")
    if inside.stat().st_dev == os.stat("/proc").st_dev:  # noqa: PTH116
        return []
    return [entry.path for entry in os.scandir(inside) if entry.name.isdigit()]


def _private(process: str) -> int:
    """Return resident bytes that belong to no file: all resident pages less the shared and file-backed ones."""
    fields = _text(f"{process}/statm").split()
    return (int(fields[1]) - int(fields[2])) * _PAGE if fields else 0


def _proportional(process: str) -> int:
    """Return Pss: private bytes and a fair share of the shared ones."""
    for line in _text(f"{process}/smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _text(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:  # it ended meanwhile
        return ""
