"""Files that are whole or absent, and the lock on a folder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from environments.trees.beneath import kind_of
from swebench_runs.errors import UsageError


def write_whole(path: Path, content: bytes | str) -> None:
    """Replace a file so that a reader, or a crash at any moment, sees the old content or the new, never a part.

    UsageError where something else than a file lies there: a link, a FIFO, a device and a folder stay as they are.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(path) and (path.is_symlink() or not path.is_file()):
        raise UsageError(f"{path} is {kind_of(path.lstat().st_mode)}, which is not replaced by a file: remove it")
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)  # a crash has left it, or somebody a link that would be written through
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666), "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class FolderLock:
    """One process at a time works in a folder.

    The kernel holds the lock (flock) and lets go of it when the process ends, however it ends, so a lock never
    goes stale; the owner's pid is in the file for the message only.
    """

    def __init__(self, folder: Path) -> None:
        """Take the lock; raises UsageError naming the pid that holds it."""
        folder.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(self._descriptor, 32, 0).decode().strip()
            os.close(self._descriptor)
            raise UsageError(f"{folder} is being run by process {owner}: wait for it, or use another -o") from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

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
