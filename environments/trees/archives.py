"""Unpack tar archives from elsewhere without letting them write anywhere else."""

from __future__ import annotations

import tarfile
from pathlib import Path, PurePosixPath


def extract(archive: tarfile.TarFile, destination: Path) -> None:
    """Unpack into a folder; raises tarfile.TarError for what would lead out of it, and for devices.

    Pythons before 3.11.4 have no filter of their own for that: there links are refused too.
    """
    if hasattr(tarfile, "data_filter"):
        archive.extractall(destination, filter="data")
        return
    for member in archive:
        path = PurePosixPath(member.name)
        if path.is_absolute() or ".." in path.parts or not (member.isreg() or member.isdir()):
            raise tarfile.TarError(f"{member.name!r} is no plain file or folder below its top")
        member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    archive.extractall(destination)
