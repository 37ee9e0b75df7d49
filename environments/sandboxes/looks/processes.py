"""The processes of a sandbox, as the host's user sees them, and what /proc says of them."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

_ROUNDS = 4
"""Times that a sandbox is searched for processes that have started meanwhile."""


def processes_of(init_pid: int) -> list[str]:
    """Return the folder of /proc of each process of a sandbox, whose process 1 is ``init_pid`` here.

    None while the sandbox is being set up, when its root is still the host's, and after it has ended.
    """
    inside = f"/proc/{init_pid}/root/proc"
    try:
        if os.stat(inside).st_dev == os.stat("/proc").st_dev:  # noqa: PTH116
            return []
        return [entry.path for entry in os.scandir(inside) if entry.name.isdigit()]
    except OSError:
        return []


@contextlib.contextmanager
def stopped(init_pid: int) -> Iterator[None]:
    """Stop what runs in a sandbox for the block, but for its process 1; what was stopped before stays so after it.

    A program that keeps starting others may have one that is missed.
    """
    held: dict[int, int] = {}
    try:
        for _ in range(_ROUNDS):
            fresh = [pid for pid in _others(init_pid) if pid not in held]
            if not fresh:
                break
            for pid in fresh:
                with contextlib.suppress(OSError):  # it ended meanwhile
                    held[pid] = _stop(pid)
        yield
    finally:
        for descriptor in held.values():
            if descriptor >= 0:
                with contextlib.suppress(OSError):
                    signal.pidfd_send_signal(descriptor, signal.SIGCONT)
                os.close(descriptor)


def _stop(pid: int) -> int:
    """Stop a process and return a descriptor of it; -1 for one that is stopped."""
    descriptor = os.pidfd_open(pid)
    if told(f"/proc/{pid}/stat").rpartition(")")[2].split()[:1] in (["T"], ["t"]):
        os.close(descriptor)
        return -1
    signal.pidfd_send_signal(descriptor, signal.SIGSTOP)
    return descriptor


def _others(init_pid: int) -> list[int]:
    """Return, as numbered here, the processes of a sandbox but its process 1: those of its process namespace.

    An engine's commands descend from its own processes, and not from process 1.
    """
    found = []
    with contextlib.suppress(OSError):  # it ended meanwhile
        namespace = os.readlink(f"/proc/{init_pid}/ns/pid")  # noqa: PTH115
        if namespace != os.readlink("/proc/self/ns/pid"):  # noqa: PTH115
            for name in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208
                with contextlib.suppress(OSError):  # another user's, or ended meanwhile
                    if os.readlink(f"/proc/{name}/ns/pid") == namespace:  # noqa: PTH115
                        found.append(int(name))
    return [pid for pid in found if pid != init_pid]


def told(path: str) -> str:
    """Return what a file of /proc says; nothing where its process ended meanwhile, or keeps it to itself."""
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def kilobytes(text: str, *names: str) -> int | None:
    """Return, in bytes, the sum of the lines ``name:  12 kB`` of a text of /proc; None where none of them is there."""
    values = [line.split() for line in text.splitlines() if line.partition(":")[0] in names]
    return sum(int(words[1]) * 1024 for words in values) if values else None
