"""The copy-on-write layers of sandboxes: a stack of frozen folders and, above them, one that is written to.

A fork freezes the folder that its parent writes to; parent and fork then go on above it, each in an empty folder of
its own. (An overlay over another's live upper folder would show one the other's writes.) Frozen layers are shared,
counted, and removed with the last sandbox that stands on them.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path

from environments.removal import remove_tree


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

    @classmethod
    def over(cls, layers: list[Layer], base: int, folder: Path) -> Stack:
        """Start a stack that writes below ``folder`` (new); takes over the caller's hold on ``layers``."""
        stack = cls(layers, base, folder / "u", folder / "w")
        folder.mkdir(mode=0o700)
        stack.upper.mkdir(mode=0o755)
        stack.work.mkdir(mode=0o700)
        return stack

    @property
    def written(self) -> list[Layer]:
        """The frozen layers that sandboxes wrote."""
        return self.layers[self.base :]

    def is_clean(self) -> bool:
        """Say whether nothing was written since the last freeze."""
        with os.scandir(self.upper) as entries:
            return next(entries, None) is None
