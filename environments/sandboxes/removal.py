"""Removes folders that a hostile program filled: any depth, any permissions, links never followed."""

from __future__ import annotations

import os
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove_tree(top: Path) -> None:
    """Remove a folder and everything below it; nothing may write to it meanwhile.

    ``shutil.rmtree`` recurses once per level and names each file by its full path, so a chain of a few thousand
    folders stops it. Here one folder is open at a time, and the way back up is ``..``: with nobody else at work no
    folder is moved, so it leads where one came from.
    """
    if not top.is_dir() or top.is_symlink():
        return
    top.chmod(0o700)
    here = os.open(top, _FOLDER)
    try:
        names: list[str] = []
        """The folders between ``top`` and the open one."""
        waiting = [_emptied(here)]
        """Of each folder from ``top`` to the open one, those of its folders that are still there."""
        while waiting[-1] or names:
            if waiting[-1]:
                names.append(waiting[-1].pop())
                os.chmod(names[-1], 0o700, dir_fd=here)
                where = names[-1]
            else:
                where = ".."
            beside = os.open(where, _FOLDER, dir_fd=here)
            os.close(here)
            here = beside
            if where == "..":
                waiting.pop()
                os.rmdir(names.pop(), dir_fd=here)
            else:
                waiting.append(_emptied(here))
    finally:
        os.close(here)
    top.rmdir()


def _emptied(folder: int) -> list[str]:
    """Remove what is no folder; return the names of what is."""
    folders = []
    with os.scandir(folder) as entries:
        for entry in list(entries):
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            else:
                os.unlink(entry.name, dir_fd=folder)
    return folders
