"""System calls that a command is refused: memory that nothing counts, and ways into the kernel that no test needs.

Memory in anonymous files and System V segments belongs to no process until it is mapped, so an ordinary user's
sampled memory would miss it. The rest reaches beyond namespaces (keys, the kernel's log, file handles) or is known for
kernel bugs (bpf, io_uring, userfaultfd, perf). Refused means ENOSYS, as on a kernel without them: programs fall back.
(Format: Linux, Documentation/userspace-api/seccomp_filter.rst; struct sock_filter is u16, u8, u8, u32.)
"""

from __future__ import annotations

import errno
import functools
import platform
import struct

_REFUSED: dict[str, tuple[int, dict[str, int]]] = {
    "x86_64": (
        0xC000003E,
        {
            **{"memfd_create": 319, "memfd_secret": 447, "shmget": 29},
            **{"add_key": 248, "request_key": 249, "keyctl": 250, "syslog": 103, "open_by_handle_at": 304},
            **{"bpf": 321, "perf_event_open": 298, "userfaultfd": 323},
            **{"io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427},
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            **{"memfd_create": 279, "memfd_secret": 447, "shmget": 194},
            **{"add_key": 217, "request_key": 218, "keyctl": 219, "syslog": 116, "open_by_handle_at": 265},
            **{"bpf": 280, "perf_event_open": 241, "userfaultfd": 282},
            **{"io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427},
        },
    ),
}
"""Machine -> its AUDIT_ARCH value, and the numbers of the calls."""
_X32 = 0x40000000
"""Bit of x86-64's second numbering of the same calls."""
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE = 0, 4
"""Offsets in struct seccomp_data."""
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.ENOSYS


@functools.cache
def seccomp_program() -> bytes:
    """Return the filter for this machine, as ``bwrap --seccomp`` reads it; empty for a machine that is not listed.

    Calls by another machine's numbers (32-bit programs) are refused as a whole.
    """
    if platform.machine() not in _REFUSED:
        return b""
    architecture, calls = _REFUSED[platform.machine()]
    numbers = sorted(calls.values())
    to_refuse = len(numbers) + 1
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 0, to_refuse + 2, architecture),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, to_refuse, 0, _X32),
        *((_EQUAL, to_refuse - 1 - index, 0, number) for index, number in enumerate(numbers)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
