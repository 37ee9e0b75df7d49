"""The processes of a sandbox, as the host's user sees them, and what /proc says of them."""

from __future__ import annotations

import os
from pathlib import Path


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
