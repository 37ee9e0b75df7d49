"""The lock on a folder of results: one process at a time works in it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from swebench_runs.errors import UsageError


class FolderLock:
    """One process at a time works in a folder.

    The kernel holds the lock (flock) and lets go of it when the process ends, however it ends, so a lock never
    goes stale; the owner's pid is in the file for the message only.
    """

    def __init__(self, folder: Path) -> None:
        """Take the lock; raises UsageError naming the pid that holds it, OSError where the file cannot be written."""
        folder.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
        except BlockingIOError:
            owner = os.pread(self._descriptor, 32, 0).decode().strip()
            self.release()
            raise UsageError(f"{folder} is being run by process {owner}: wait for it, or use another -o") from None
        except OSError:
            self.release()  # else nobody could take it again while this process lives
            raise

    def release(self) -> None:
        """Let go; idempotent."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def is_locked(folder: Path) -> bool:
    """Tell whether a process works in a folder now; nothing is written."""
    try:
        with (folder / ".lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
