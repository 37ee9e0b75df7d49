"""What a sandbox takes of the host's memory, for an ordinary user who has no control group to bound it."""

from __future__ import annotations

import functools
import os
import re

from environments.sandboxes.looks.processes import kilobytes, processes_of, told

_INODE = 1024
"""Bytes of the kernel's that every file in memory takes, empty ones too."""
_HELD = ("RssAnon", "RssShmem", "VmSwap", "VmPTE")
"""What a process keeps from others: its own pages, shared ones that are no file's, swapped ones, and page tables, which
grow with what is looked at and not only with what is written. (proc_pid_status(5).)"""
_SOCKETS = re.compile(r"^sockets: used (\d+)", re.MULTILINE)


def memory_use(init_pid: int, enough: int) -> int:
    """Return the bytes that a sandbox's processes, its /dev/shm and its sockets may take.

    A cheap count first, in which what forked processes share counts again for each; only where that exceeds
    ``enough``, the proportional one. Sockets count by what each may hold.
    """
    processes = processes_of(init_pid)
    if not processes:
        return 0
    beside = _in_memory(f"/proc/{init_pid}/root/dev/shm") + _sockets(init_pid)
    held = sum(map(_held, processes)) + beside
    return held if held <= enough else sum(map(_proportional, processes)) + beside


def _in_memory(folder: str) -> int:
    try:
        found = os.statvfs(folder)
    except OSError:
        return 0  # it ended meanwhile
    return (found.f_blocks - found.f_bfree) * found.f_frsize + (found.f_files - found.f_ffree) * _INODE


def _sockets(init_pid: int) -> int:
    made = _SOCKETS.search(told(f"/proc/{init_pid}/net/sockstat"))
    return int(made[1]) * _socket_room() if made else 0


@functools.cache
def _socket_room() -> int:
    """Return the bytes that may wait in one socket: twice what the kernel calls the most, as socket(7) has it."""
    return 2 * int(told("/proc/sys/net/core/wmem_max") or 212_992)


def _held(process: str) -> int:
    return kilobytes(told(f"{process}/status"), *_HELD) or 0


def _proportional(process: str) -> int:
    """Return private bytes and a fair share of the shared ones; all that it holds where it hides how it shares them."""
    shared = kilobytes(told(f"{process}/smaps_rollup"), "Pss", "SwapPss")
    if shared is None:
        return _held(process)
    return shared + (kilobytes(told(f"{process}/status"), "VmPTE") or 0)
