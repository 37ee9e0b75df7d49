"""What a sandbox takes of a disk: the files of its layer, and files that are deleted and still held open."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Container, Iterator
from pathlib import Path

from environments.sandboxes.closed_folders import opened
from environments.sandboxes.looks.processes import processes_of

_ENTRY = 1024
"""Bytes that every file and folder counts beside its blocks: empty files use up a disk too."""


def disk_use(top: Path) -> int:
    """Return the bytes that a folder takes on disk; safe beside a program that changes it meanwhile.

    A tree too deep for a path of the kernel counts as without bound. Folders that their owner closed are opened for
    the count only by ``disk_use_at_rest``.
    """
    return _disk_use(top, pry=False)


def disk_use_at_rest(top: Path) -> int:
    """Return the same when no command runs; closed folders (mode 000) are counted too and left as they were."""
    return _disk_use(top, pry=True)


def deleted_use(init_pid: int, top: Path) -> int:
    """Return the bytes of deleted files that a sandbox's processes hold open, or map, in the layer ``top``.

    ``init_pid``: the sandbox's process 1 as seen here. Only root sees how large a file is that is mapped and no
    longer open; for an ordinary user it counts as much as is mapped. A descriptor that waits in a socket is not seen.
    """
    inside = f"/proc/{init_pid}/root"
    try:
        # Of a file on an overlay the kernel names either the overlay's device or that of the upper folder.
        devices = {os.stat(inside).st_dev, os.stat(top).st_dev}  # noqa: PTH116
    except OSError:
        return 0  # it ended meanwhile
    found: dict[tuple[int, int], int] = {}
    for process in processes_of(init_pid):
        for key, size in _deleted_of(process, devices):
            found[key] = max(size, found.get(key, 0))
    return sum(found.values())


def _deleted_of(process: str, devices: Container[int]) -> Iterator[tuple[tuple[int, int], int]]:
    """Yield device and number of each deleted file that a process holds, and its bytes."""
    for path, mapped in (*_descriptors(process), *_deleted_maps(process)):
        try:
            status = os.stat(path)  # noqa: PTH116
        except PermissionError:  # a map, and this is not root
            yield (0, hash(path)), mapped
            continue
        except OSError:
            continue
        if status.st_nlink == 0 and stat.S_ISREG(status.st_mode) and status.st_dev in devices:
            yield (status.st_dev, status.st_ino), status.st_blocks * 512


def _descriptors(process: str) -> Iterator[tuple[str, int]]:
    with contextlib.suppress(OSError):  # it ended meanwhile
        yield from ((f"{process}/fd/{number}", 0) for number in os.listdir(f"{process}/fd"))  # noqa: PTH208


def _deleted_maps(process: str) -> Iterator[tuple[str, int]]:
    """Yield where each deleted file is mapped, and how much of it. (proc_pid_maps(5).)"""
    with contextlib.suppress(OSError), open(f"{process}/maps", "rb") as lines:  # noqa: PTH123
        for line in lines:
            if line.endswith(b" (deleted)\n") and b" /dev/zero " not in line and b" /dev/shm/" not in line:
                place = line.split(None, 1)[0].decode()
                first, _, last = place.partition("-")
                yield f"{process}/map_files/{place}", int(last, 16) - int(first, 16)


def _disk_use(top: Path, *, pry: bool) -> int:
    total = 0
    waiting = [str(top)]
    while waiting:
        folder = waiting.pop()
        try:
            entries = _listing(folder, top) if not pry else _listing_at_rest(folder)
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return 1 << 62
            continue
        for path, status in entries:
            total += status.st_blocks * 512 + _ENTRY
            if stat.S_ISDIR(status.st_mode):
                waiting.append(path)
    return total


def _listing(folder: str, top: Path) -> list[tuple[str, os.stat_result]]:
    """List a folder beside a program that may put a link in its place, or on the way to it: what is opened is asked."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not Path(f"/proc/self/fd/{descriptor}").readlink().is_relative_to(top.resolve()):
            return []
        with os.scandir(descriptor) as entries:
            return [(f"{folder}/{entry.name}", status) for entry in entries if (status := _status(entry))]
    finally:
        os.close(descriptor)


def _listing_at_rest(folder: str) -> list[tuple[str, os.stat_result]]:
    with opened(folder), os.scandir(folder) as entries:
        return [(entry.path, status) for entry in entries if (status := _status(entry))]


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
