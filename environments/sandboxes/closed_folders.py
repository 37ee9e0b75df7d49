"""Folders that their owner closed (mode 000), opened for as long as somebody of ours looks into them."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def opened(folder: str | Path) -> Iterator[None]:
    """Open a folder that its owner closed (mode 000), and close it again."""
    mode = stat.S_IMODE(os.lstat(folder).st_mode)
    closed = mode & 0o500 != 0o500
    if closed:
        os.chmod(folder, mode | 0o500)  # noqa: PTH101
    try:
        yield
    finally:
        if closed:
            os.chmod(folder, mode)  # noqa: PTH101
