"""Where the user wants something written: a file is replaced whole, a stream written through, all else refused."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path

from environments.trees.beneath import kind_of
from swebench_runs.errors import UsageError
from swebench_runs.run_folder.files import write_whole

_DESCRIPTOR = re.compile(r"(?:/dev/fd|/proc/self/fd)/(\d+)")
_STANDARD = {"/dev/stdout": 1, "/dev/stderr": 2}


def output_file(path: Path | None) -> Path | None:
    """Return the value of an option that names a file to write; UsageError, before any work, where it cannot be one."""
    if path is None or _descriptor(path) is not None:
        return path
    mode = _mode(path)
    if mode is None or stat.S_ISREG(mode):
        _require_room(path, path.absolute().parents)
        return path
    if _is_stream(mode):
        return path
    if stat.S_ISLNK(mode):
        raise UsageError(f"{path} is a link to {path.readlink()}: name the file itself, or remove the link")
    raise UsageError(f"{path} is {kind_of(mode)}, which cannot be written to: name a file")


def output_folder(path: Path | None) -> Path | None:
    """Return the value of an option that names a folder to write in; UsageError where something else lies there."""
    if path is not None and os.path.lexists(path) and not path.is_dir():
        raise UsageError(f"{path} is no folder: name one, or one that is yet to be made")
    if path is not None:
        _require_room(path, (path.absolute(), *path.absolute().parents))
    return path


def _require_room(path: Path, folders: Sequence[Path]) -> None:
    """Raise UsageError where the first folder that is there takes nothing new: now, rather than after an hour."""
    there = next(one for one in folders if os.path.lexists(one))
    if not there.is_dir():
        raise UsageError(f"{path} cannot be made: {there} is no folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(f"{path} cannot be made: {there} may not be written to; name another place")


def write_output(path: Path, content: bytes | str) -> None:
    """Write what the user asked for: through a stream (a FIFO, /dev/stdout, /dev/fd/N), else whole as a file.

    UsageError for what is neither. OSError when a stream takes no more.
    """
    output_file(path)
    raw = content.encode() if isinstance(content, str) else content
    descriptor = _opened(path)
    if descriptor is None:
        write_whole(path, raw)
        return
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(raw)


def is_stream(path: Path) -> bool:
    """Tell whether a path is written through, so that nothing can lie beside it."""
    mode = _mode(path)
    return _descriptor(path) is not None or (mode is not None and _is_stream(mode))


def _opened(path: Path) -> int | None:
    """Return a descriptor of a stream; None where a file is, or will be."""
    if (number := _descriptor(path)) is not None:
        try:
            return os.dup(number)
        except OSError as error:
            raise UsageError(f"{path} is not open: {error.strerror}") from error
    mode = _mode(path)
    if mode is None or not _is_stream(mode):
        return None
    try:  # a FIFO that nobody reads would be waited for without end
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW)
    except OSError as error:
        why = "nobody reads it" if error.errno == errno.ENXIO else error.strerror
        raise UsageError(f"{path} cannot be written to: {why}") from error
    os.set_blocking(descriptor, True)
    return descriptor


def _descriptor(path: Path) -> int | None:
    found = _DESCRIPTOR.fullmatch(str(path))
    return int(found[1]) if found else _STANDARD.get(str(path))


def _is_stream(mode: int) -> bool:
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _mode(path: Path) -> int | None:
    try:
        return path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
