"""The copy-on-write layers of sandboxes: a stack of frozen folders and, above them, one that is written to.

A fork freezes the folder that its parent writes to; parent and fork then go on above it, each in an empty folder of
its own. (An overlay over another's live upper folder would show one the other's writes.) Frozen layers are shared,
counted, and removed with the last sandbox that stands on them.
"""

from __future__ import annotations

import os
import stat
import threading
from dataclasses import dataclass, field
from pathlib import Path

from environments.sandboxes.closed_folders import opened
from environments.sandboxes.removal import remove_tree

ROOT_MODE = 0o755


@dataclass(eq=False)
class Layer:
    """A folder of the stack that is no longer written to."""

    folder: Path | None
    """What goes with the layer's last user; None for a layer that belongs to others."""
    path: Path
    """The layer itself, ``folder`` or in it."""
    size: int = 0
    """Bytes on disk."""
    users: int = 1
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def hold(self) -> Layer:
        """Count one more user."""
        with self._lock:
            self.users += 1
        return self

    def release(self) -> None:
        """Count one user less; the last one removes the folder."""
        with self._lock:
            self.users -= 1
            last = self.users == 0
        if last and self.folder:
            remove_tree(self.folder)


@dataclass
class Stack:
    """The layers of one sandbox, lowest first, and the folder that its commands write to."""

    layers: list[Layer]
    base: int
    """How many of them, from below, are the environment's; the others were written by sandboxes."""
    upper: Path
    work: Path
    """Overlayfs's own scratch folder, on the same file system as ``upper``."""
    mode: int
    """The mode of ``/`` that ``upper`` began with."""

    @classmethod
    def over(cls, layers: list[Layer], base: int, folder: Path, mode: int = ROOT_MODE) -> Stack:
        """Start a stack that writes below ``folder`` (new or untouched); takes over the caller's hold on ``layers``."""
        stack = cls(layers, base, folder / "u", folder / "w", mode)
        folder.mkdir(mode=0o700, exist_ok=True)
        stack.upper.mkdir(exist_ok=True)
        stack.upper.chmod(mode)
        stack.work.mkdir(mode=0o700, exist_ok=True)
        return stack

    @property
    def written(self) -> list[Layer]:
        """The frozen layers that sandboxes wrote."""
        return self.layers[self.base :]

    def is_untouched(self) -> bool:
        """Say whether commands changed nothing: not even the mode or an attribute of ``/`` itself.

        What another process has removed, as ``runoff clean`` does to what has expired, is not as it was.
        """
        if not self.upper.is_dir() or mode_of(self.upper) != self.mode:
            return False
        with opened(self.upper):
            attributes = os.listxattr(self.upper)
            with os.scandir(self.upper) as entries:
                empty = next(entries, None) is None
        return empty and all(name.startswith("user.overlay.") for name in attributes)


def mode_of(folder: Path) -> int:
    """Return a folder's permission bits."""
    return stat.S_IMODE(folder.stat().st_mode)
