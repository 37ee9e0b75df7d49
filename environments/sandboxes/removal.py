"""Removes folders that a hostile program filled: any depth, any permissions, links never followed."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def remove_tree(top: Path) -> None:
    """Remove a folder and everything below it; nothing may write to it meanwhile.

    ``shutil.rmtree`` recurses once per level and names each file by its full path, so a chain of a few thousand
    folders stops it. Here every folder met is first moved up to ``top``: the work is never deeper than two levels.
    """
    if not top.is_dir() or top.is_symlink():
        return
    os.chmod(top, 0o700)  # noqa: PTH101
    moved, mark = 0, secrets.token_hex(8)
    while True:
        folders = []
        for entry in list(os.scandir(top)):
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            else:
                os.unlink(entry.path)  # noqa: PTH108 - an entry's path, not worth a Path per file
        if not folders:
            break
        for folder in folders:
            os.chmod(folder, 0o700)  # noqa: PTH101
            for entry in list(os.scandir(folder)):
                if entry.is_dir(follow_symlinks=False):
                    moved += 1
                    os.chmod(entry.path, 0o700)  # noqa: PTH101 - a folder can only be moved by who may write to it
                    os.rename(entry.path, top / f"{mark}-{moved}")  # noqa: PTH104
                else:
                    os.unlink(entry.path)  # noqa: PTH108
            os.rmdir(folder)  # noqa: PTH106
    top.rmdir()
