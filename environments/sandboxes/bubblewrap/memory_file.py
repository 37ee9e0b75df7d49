"""Files in memory that bwrap and its command read from: sealed, so that a command cannot grow them into host memory."""

from __future__ import annotations

import fcntl
import os


def memory_file() -> int:
    """Return the descriptor of an empty file, to be filled when its content is known."""
    return os.memfd_create("runoff", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)


def fill(descriptor: int, content: bytes) -> None:
    """Write the file and seal it; who reads from the descriptor, or from a copy of it, begins at the start."""
    with memoryview(content) as rest:
        written = 0
        while written < len(rest):
            written += os.pwrite(descriptor, rest[written:], written)
    seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)


def sealed(content: bytes) -> int:
    """Return the descriptor of a file that holds ``content``."""
    descriptor = memory_file()
    fill(descriptor, content)
    return descriptor
