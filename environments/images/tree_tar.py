"""A task's tree as an archive that a build adds: the same bytes for the same files, owned by the user inside."""

from __future__ import annotations

import hashlib
import os
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path

from environments.sandboxes.inside import UID

_TIME = 946684800
"""Midnight of 2000, when the tree's one commit was made; archives of Python packages take no time before 1980."""


def write_tree_tar(tree: Path, destination: Path) -> str:
    """Write the files, links and folders of ``tree`` as a tar file; return its SHA-256.

    Whatever is called ``.git`` is left behind, as are sockets and devices. The bytes depend on names, contents, links
    and executable bits alone.
    """
    # GNU's form keeps names that are not UTF-8 as they are.
    with tarfile.open(destination, "w", format=tarfile.GNU_FORMAT, errors="surrogateescape") as archive:
        for path in _walk(tree):
            _add(archive, path, path.relative_to(tree))
    with destination.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _walk(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        found = sorted((entry for entry in entries if entry.name != ".git"), key=lambda entry: os.fsencode(entry.name))
    for entry in found:
        yield folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(folder / entry.name)


def _add(archive: tarfile.TarFile, path: Path, name: Path) -> None:
    about = path.lstat()
    entry = tarfile.TarInfo(str(name))
    entry.uid = entry.gid = UID
    entry.mtime = _TIME
    if stat.S_ISREG(about.st_mode):
        entry.mode = 0o755 if about.st_mode & stat.S_IXUSR else 0o644
        entry.size = about.st_size
        with path.open("rb") as file:
            archive.addfile(entry, file)
    elif stat.S_ISDIR(about.st_mode):
        entry.type, entry.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(entry)
    elif stat.S_ISLNK(about.st_mode):
        entry.type, entry.mode, entry.linkname = tarfile.SYMTYPE, 0o777, str(path.readlink())
        archive.addfile(entry)
