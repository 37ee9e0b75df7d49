"""The pool as it is kept with the project: made once, by whoever has the hours, and reused by every later figure."""

from __future__ import annotations

import tarfile
from pathlib import Path

from acceptance.record import ROOT
from environments.trees.archives import extract

ARCHIVE = ROOT / "docs" / "measurements" / "pool.tar.xz"
"""The run's folder, unfinished tasks included: the next sitting goes on from it."""
_LEFT_OUT = (".lock", "superseded", "report.html", "report.json")


def restore(folder: Path, archive: Path = ARCHIVE) -> bool:
    """Unpack the stored pool where there is none yet; tell whether it was unpacked."""
    if folder.exists() or not archive.is_file():
        return False
    folder.mkdir(parents=True)
    with tarfile.open(archive) as packed:
        extract(packed, folder)
    return True


def store(folder: Path, archive: Path = ARCHIVE) -> None:
    """Pack a pool, the same bytes for the same files; what can be computed again is left out."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    partial = archive.with_suffix(".partial")
    with tarfile.open(partial, "w:xz", preset=9) as packed:
        for item in sorted(folder.rglob("*")):
            name = item.relative_to(folder)
            if item.is_file() and name.parts[0] not in _LEFT_OUT:
                packed.add(item, str(name), filter=_anonymous)
    partial.replace(archive)


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o644
    return entry
