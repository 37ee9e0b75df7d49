"""How much CPU time a sandbox's processes took."""

from __future__ import annotations

import os

from environments.sandboxes.looks.processes import processes_of, told

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_time(init_pid: int) -> float:
    """Return the CPU seconds of a sandbox's processes, with those of their children that have ended."""
    return sum(_cpu_time(_stat(process)) for process in processes_of(init_pid))


def ended_cpu_time(pid: int | None) -> float:
    """Return the CPU seconds of an ended process that its parent has not waited for, with its children's; else 0."""
    fields = _stat(f"/proc/{pid}")
    return _cpu_time(fields) if fields[:1] == ["Z"] else 0.0


def waited_time(init_pid: int) -> float:
    """Return the seconds for which the thread of a sandbox that waited most was ready to run and had no core."""
    stats = [told(stat) for process in processes_of(init_pid) for stat in _schedules(process)]
    return max((int(stat.split()[1]) / 1e9 for stat in stats if stat), default=0.0)


def _schedules(process: str) -> list[str]:
    try:
        return [f"{thread.path}/schedstat" for thread in os.scandir(f"{process}/task")]
    except OSError:  # it ended meanwhile
        return []


def _cpu_time(fields: list[str]) -> float:
    """Sum up user and system time, a process's own and that of the children it has waited for."""
    return sum(map(int, fields[11:15])) / _TICKS


def _stat(process: str) -> list[str]:
    """Return what /proc/N/stat says from the state on; empty of a process that is gone."""
    return told(f"{process}/stat").rpartition(")")[2].split()
