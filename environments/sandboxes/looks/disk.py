"""What a sandbox takes of a disk: the files of its layer, and files that are deleted and still held open."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Container, Iterator
from pathlib import Path
from typing import NamedTuple

from environments.sandboxes.looks.processes import processes_of, told

_ENTRY = 1024
"""Bytes that every file and folder counts beside its blocks: empty files use up a disk too."""
_WRITTEN = re.compile(r"^write_bytes: (\d+)", re.MULTILINE)


class _Closed(NamedTuple):
    """A folder that was opened for the count, and its mode."""

    folder: str
    mode: int


def disk_use(top: Path, most: int = 1 << 62, *, pry: bool = False) -> int:
    """Return the bytes that a folder takes on disk; safe beside a program that changes it meanwhile.

    Args:
        top: the folder.
        most: beyond it nothing is counted further.
        pry: open folders that their owner closed (mode 000) for the time of the count, which a program that runs
            beside it might see. As root nothing is closed.

    A tree too deep for a path of the kernel counts as without bound.
    """
    total = 0
    waiting: list[str | _Closed] = [str(top)]
    try:
        while waiting and total <= most:
            folder = waiting.pop()
            if isinstance(folder, _Closed):  # and all below it is counted
                _set_mode(*folder, top)
                continue
            try:
                entries = _listing(folder, top)
            except PermissionError:
                if pry and (mode := _set_mode(folder, 0o700, top)) is not None:
                    waiting.append(_Closed(folder, mode))
                    if mode & 0o500 != 0o500:  # else it was not its mode that kept it shut
                        waiting.append(folder)
                continue
            except OSError as error:
                if error.errno == errno.ENAMETOOLONG:
                    return 1 << 62
                continue
            for path, status in entries:
                total += status.st_blocks * 512 + _ENTRY
                if stat.S_ISDIR(status.st_mode):
                    waiting.append(path)
        return total
    finally:
        for left in reversed(waiting):
            if isinstance(left, _Closed):
                _set_mode(*left, top)


def disk_use_at_rest(top: Path) -> int:
    """Return the same when no command runs; closed folders are counted too and left as they were."""
    return disk_use(top, pry=True)


def deleted_use(init_pid: int, top: Path) -> int:
    """Return the bytes of deleted files that a sandbox's processes hold open, or map, in the layer ``top``.

    Args:
        init_pid: the sandbox's process 1 as seen here.
        top: the layer.

    Only root sees how large a file is that is mapped and no longer open; for an ordinary user it counts as much as is
    mapped. A descriptor that waits in a socket is not seen.
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


def is_hidden(init_pid: int) -> bool:
    """Say whether a process of a sandbox keeps what it holds from an ordinary user.

    One does whose program may be run and not read, and any for the moment in which it gives up its rights.
    """
    return any(map(_hides, processes_of(init_pid)))


def written_by(init_pid: int) -> int:
    """Return the bytes that a sandbox's processes have written to disks so far, those to come included.

    Of processes that have ended, those that their parent has waited for. (proc_pid_io(5): ``write_bytes``.)
    """
    found = (_WRITTEN.search(told(f"{process}/io")) for process in processes_of(init_pid))
    return sum(int(line[1]) for line in found if line)


def _hides(process: str) -> bool:
    """Say whether a process keeps to itself what it holds; process 1, which runs nothing of a command's, may."""
    try:
        os.listdir(f"{process}/fd")  # noqa: PTH208
    except PermissionError:
        return not process.endswith("/1")
    except OSError:  # it ended meanwhile
        return False
    return False


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


def _set_mode(folder: str, mode: int, top: Path) -> int | None:
    """Give a folder of its own below ``top`` a mode, and return what it had; None where it is not there, or a link."""
    try:
        held = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        place = f"/proc/self/fd/{held}"
        if not Path(place).readlink().is_relative_to(top.resolve()):
            return None
        before = stat.S_IMODE(os.fstat(held).st_mode)
        os.chmod(place, mode)  # noqa: PTH101
        return before
    except OSError:
        return None
    finally:
        os.close(held)


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
