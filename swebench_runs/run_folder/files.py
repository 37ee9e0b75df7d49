"""Files that are whole or absent, and the lock on a folder."""

from __future__ import annotations

import os
from pathlib import Path

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
        try:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            temporary.unlink()  # on a full disk, half a file would stay in everybody's way
            raise
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
