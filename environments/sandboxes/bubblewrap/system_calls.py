"""System calls that a command is refused: memory that nothing counts, and ways into the kernel that no test needs.

Beside what every kind of sandbox refuses (``refused_calls``): memory in anonymous files and in System V segments,
semaphores and messages belongs to no process, so an ordinary user's counted memory would miss it. Watches of files
(inotify) are few for each user of the host: a sandbox could take them all. Other processes' memory is out of reach: by
that of its process 1 a command could forge its own exit code. Refused means ENOSYS; sockets of other families are
EAFNOSUPPORT, and files that are laid out at a stroke EOPNOTSUPP. And no process may hide what it holds from the looks
of ``watch`` (EPERM).
(Format: Linux, Documentation/userspace-api/seccomp_filter.rst; struct sock_filter is u16, u8, u8, u32.)
"""

from __future__ import annotations

import errno
import functools
import platform
import struct
from dataclasses import dataclass

from environments.sandboxes.refused_calls import FAMILIES


@dataclass(frozen=True)
class _Machine:
    """A machine's AUDIT_ARCH value, and its numbers of calls."""

    architecture: int
    refused: dict[str, int]
    socket: int
    prctl: int
    fallocate: int


_MACHINES = {
    "x86_64": _Machine(
        0xC000003E,
        {
            **{"memfd_create": 319, "memfd_secret": 447, "shmget": 29, "semget": 64, "msgget": 68},
            **{"inotify_init": 253, "inotify_init1": 294, "fanotify_init": 300},
            **{"add_key": 248, "request_key": 249, "keyctl": 250, "syslog": 103, "open_by_handle_at": 304},
            **{"ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "pidfd_getfd": 438},
            **{"bpf": 321, "perf_event_open": 298, "userfaultfd": 323},
            **{"io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427},
        },
        socket=41,
        prctl=157,
        fallocate=285,
    ),
    "aarch64": _Machine(
        0xC00000B7,
        {
            **{"memfd_create": 279, "memfd_secret": 447, "shmget": 194, "semget": 190, "msgget": 186},
            **{"inotify_init1": 26, "fanotify_init": 262},
            **{"add_key": 217, "request_key": 218, "keyctl": 219, "syslog": 116, "open_by_handle_at": 265},
            **{"ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "pidfd_getfd": 438},
            **{"bpf": 280, "perf_event_open": 241, "userfaultfd": 282},
            **{"io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427},
        },
        socket=198,
        prctl=167,
        fallocate=47,
    ),
}
_SET_DUMPABLE = 4
"""The option of prctl by which a process takes its own folder of /proc away from its user."""
_X32 = 0x40000000
"""Bit of x86-64's second numbering of the same calls."""
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
"""Offsets in struct seccomp_data; of an argument its lower half, for both machines are little-endian."""
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
"""What the filter answers; to the second an error number is added."""


@dataclass(frozen=True)
class _Step:
    """One instruction; where a comparison goes on: at the place of that name, or, for an empty name, at the next."""

    code: int
    value: int
    yes: str = ""
    no: str = ""
    name: str = ""


@functools.cache
def seccomp_program() -> bytes:
    """Return the filter for this machine, as ``bwrap --seccomp`` reads it; empty for a machine that is not listed.

    Calls by another machine's numbers (32-bit programs) are refused as a whole.
    """
    machine = _MACHINES.get(platform.machine())
    return _assembled(_steps(machine)) if machine else b""


def refused_numbers() -> dict[str, int]:
    """Return the numbers of the calls that are refused on this machine, by name; none for one that is not listed."""
    machine = _MACHINES.get(platform.machine())
    return dict(machine.refused) if machine else {}


def _steps(machine: _Machine) -> list[_Step]:
    return [
        _Step(_LOAD, _ARCHITECTURE),
        _Step(_EQUAL, machine.architecture, no="absent"),
        _Step(_LOAD, _NUMBER),
        _Step(_AT_LEAST, _X32, yes="absent"),
        *(_Step(_EQUAL, number, yes="absent") for number in sorted(machine.refused.values())),
        _Step(_EQUAL, machine.fallocate, yes="unsupported"),
        _Step(_EQUAL, machine.prctl, yes="prctl"),
        _Step(_EQUAL, machine.socket, no="allow"),
        _Step(_LOAD, _FIRST_ARGUMENT),
        *(_Step(_EQUAL, family, yes="allow") for family in FAMILIES.values()),
        _Step(_RETURN, _REFUSE | errno.EAFNOSUPPORT),
        _Step(_LOAD, _FIRST_ARGUMENT, name="prctl"),
        _Step(_EQUAL, _SET_DUMPABLE, yes="forbidden"),
        _Step(_RETURN, _ALLOW, name="allow"),
        _Step(_RETURN, _REFUSE | errno.ENOSYS, name="absent"),
        _Step(_RETURN, _REFUSE | errno.EPERM, name="forbidden"),
        _Step(_RETURN, _REFUSE | errno.EOPNOTSUPP, name="unsupported"),
    ]


def _assembled(steps: list[_Step]) -> bytes:
    """Return the steps as the kernel reads them: how far to jump in place of names."""
    places = {step.name: number for number, step in enumerate(steps) if step.name}

    def jump(number: int, name: str) -> int:
        return places[name] - number - 1 if name else 0

    return b"".join(
        struct.pack("=HBBI", step.code, jump(number, step.yes), jump(number, step.no), step.value)
        for number, step in enumerate(steps)
    )
