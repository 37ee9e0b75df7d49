"""Merges frozen layers into one, as overlayfs would show them together, deletions included.

Mount options are limited to a page and every lookup asks every layer, so a deep chain of forks is merged now and then.
Overlayfs marks a deletion by a character device 0/0 (a whiteout) and a folder that hides what lies below it by an
``overlay.opaque`` attribute; both must survive, since the base layers stay below. Files are linked, not copied:
frozen layers never change.
(Linux, Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories".)
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from environments.sandboxes.closed_folders import opened
from environments.sandboxes.removal import remove_tree

OPAQUE = "user.overlay.opaque"


def flatten(layers: Sequence[Path], merged: Path) -> None:
    """Fill ``merged``, which must not exist, with ``layers`` (lowest first), all on one file system."""
    merged.mkdir(mode=0o755)
    for layer in layers:
        _lay_over(layer, merged)


def _lay_over(layer: Path, merged: Path) -> None:
    folders = [(layer, merged)]
    attributes: list[tuple[Path, os.stat_result]] = []
    with contextlib.ExitStack() as held:  # a folder stays open for those in it, which come later
        while folders:
            source, target = folders.pop()
            attributes.append((target, source.lstat()))
            held.enter_context(opened(source))
            for entry in list(os.scandir(source)):
                path, goal = source / entry.name, target / entry.name
                if not entry.is_dir(follow_symlinks=False):
                    _replace(path, goal)
                else:
                    _prepare_folder(path, goal)
                    folders.append((path, goal))
    # Last, deepest first: filling a folder changes its times, and a closed one could not be filled.
    for target, status in reversed(attributes):
        target.chmod(stat.S_IMODE(status.st_mode))
        os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))


def _replace(source: Path, goal: Path) -> None:
    _clear(goal)
    os.link(source, goal, follow_symlinks=False)


def _prepare_folder(source: Path, goal: Path) -> None:
    opaque = _is_opaque(source)
    if opaque or (_exists(goal) and not _is_folder(goal)):
        # A folder over a file or a deletion hides whatever the base holds there.
        _clear(goal)
        opaque = True
    if not _exists(goal):
        goal.mkdir()
    goal.chmod(0o700)
    if opaque:
        os.setxattr(goal, OPAQUE, b"y")


def _clear(goal: Path) -> None:
    if _is_folder(goal):
        remove_tree(goal)
    else:
        goal.unlink(missing_ok=True)


def _exists(path: Path) -> bool:
    return os.path.lexists(path)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _is_opaque(folder: Path) -> bool:
    with opened(folder):
        try:
            return os.getxattr(folder, OPAQUE) == b"y"
        except OSError:  # it has no such attribute
            return False
