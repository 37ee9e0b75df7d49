"""A path that somebody else named, taken beneath a folder: no link followed, no way up, regular files alone.

The one place where such names become files. What is checked is what is opened: the walk goes from one open folder to
the next, so nothing that is swapped on the way leads out.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from environments.errors import DataError


class OutsideError(DataError):
    """A name leads out of its folder, or to what is not a regular file. One clear line."""


KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
}


def plain_parts(name: str) -> tuple[str, ...]:
    """Return the parts of a relative name that goes only down; OutsideError for any other."""
    parts = PurePosixPath(name).parts
    if not parts or "\0" in name or name.startswith("/") or ".." in name.split("/"):
        raise OutsideError(f"{name!r} leads out of its folder")
    return parts


def one_part(name: str) -> str:
    """Return a name that is a single part, as ids that become names of files must be; OutsideError for any other."""
    if len(plain_parts(name)) != 1 or "/" in name:
        raise OutsideError(f"{name!r} is not a plain name")
    return name


@contextmanager
def folder_of(root: Path, name: str) -> Iterator[tuple[int, str]]:
    """Open the folder that holds ``name`` below ``root``; gives its descriptor and the name's last part.

    Raises:
        OutsideError: the name leads out, or a folder on its way is a link or no folder.
        FileNotFoundError: a folder on its way is not there.
    """
    *folders, last = plain_parts(name)
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for folder in folders:
            try:
                inner = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=descriptor)
            except NotADirectoryError as error:  # a link, too
                raise OutsideError(f"{name!r} leads through {folder!r}, which is no folder") from error
            os.close(descriptor)
            descriptor = inner
        yield descriptor, last
    finally:
        os.close(descriptor)


def kind_of(mode: int) -> str:
    """Return what something is that is not a regular file, in words."""
    return KINDS.get(stat.S_IFMT(mode), "no regular file")


def open_regular(name: str, folder: int | None = None) -> int:
    """Open a regular file for reading, never waiting for a FIFO and following no link; OutsideError for others."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISREG(found.st_mode):
        raise OutsideError(f"{name!r} is {kind_of(found.st_mode)}")
    descriptor = os.open(name, flags, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OutsideError(f"{name!r} is no regular file")
    return descriptor


def stat_beneath(root: Path, name: str) -> os.stat_result:
    """Return what a name is, a link as itself; OutsideError for one that lies elsewhere, FileNotFoundError for none."""
    with folder_of(root, name) as (folder, last):
        return os.stat(last, dir_fd=folder, follow_symlinks=False)


def read_beneath(root: Path, name: str, *, at_most: int) -> bytes:
    """Return a regular file's bytes.

    Raises:
        OutsideError: it lies elsewhere, is no regular file, or holds more than ``at_most`` bytes.
        FileNotFoundError: there is none.
    """
    with folder_of(root, name) as (folder, last), os.fdopen(open_regular(last, folder), "rb") as file:
        content = file.read(at_most + 1)
    if len(content) > at_most:
        raise OutsideError(f"{name!r} holds over {at_most:,} bytes")
    return content


def copy_beneath(root: Path, name: str, destination: Path) -> None:
    """Copy a regular file, with its executable bit, or a link as a link, to a new file. Raises as ``read_beneath``."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    with folder_of(root, name) as (folder, last):
        mode = os.stat(last, dir_fd=folder, follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            destination.symlink_to(os.readlink(last, dir_fd=folder))
            return
        with os.fdopen(open_regular(last, folder), "rb") as source, destination.open("xb") as target:
            _copy_bytes(source.fileno(), target.fileno())
        destination.chmod(0o755 if mode & stat.S_IXUSR else 0o644)


def _copy_bytes(source: int, target: int) -> None:
    """Copy what the file holds now: one that grows meanwhile is not followed."""
    left = os.fstat(source).st_size
    while left > 0 and (sent := os.sendfile(target, source, None, min(left, 1 << 24))):
        left -= sent


def odd_entry(folder: Path) -> Path | None:
    """Return the first thing below a folder that is neither a folder nor a regular file; None where all are plain.

    What an entry is, its folder says with its name: nothing is opened, and no entry is asked one by one.
    """
    waiting = [os.fspath(folder)]
    while waiting:
        try:
            found = os.scandir(waiting.pop())
        except OSError:
            continue  # gone, or not ours to look into: whoever reads in it is told
        with found:
            for entry in found:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif not entry.is_file(follow_symlinks=False):
                    return Path(entry.path)
    return None
