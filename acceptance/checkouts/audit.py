"""What lies on the machine and what runs there, seen from outside of Runoff."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path


def files_of(top: Path) -> dict[str, str]:
    """Return path -> kind, mode and hash of everything below a folder; no link is followed."""
    found = {}
    for folder, folders, names in os.walk(top):
        for name in (*folders, *names):
            path = Path(folder) / name
            about = path.lstat()
            shown = f"{about.st_mode:o}"
            if stat.S_ISLNK(about.st_mode):
                shown += f" -> {path.readlink()}"
            elif stat.S_ISREG(about.st_mode):
                shown += f" {hashlib.sha256(path.read_bytes()).hexdigest()}"
            found[str(path)] = shown
    return found


def children_left(place: Path) -> list[str]:
    """Return the command lines of processes of this machine that name a place, or stand in it."""
    left = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            stands = str((process / "cwd").readlink())
        except OSError:  # it ended meanwhile, or is another user's
            continue
        if str(place) in line or stands.startswith(str(place)):
            left.append(line[:200])
    return left
