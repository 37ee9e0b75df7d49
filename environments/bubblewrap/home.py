"""The folder on the host that holds the sandboxes of one run in this process: skeletons, layers, a label."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from environments import leftovers
from environments.bubblewrap.command import HOME, UID
from environments.bubblewrap.host_root import HostRoot
from environments.bubblewrap.layers import Layer, Stack
from environments.bubblewrap.removal import remove_tree
from environments.sandbox import WORKTREE, SandboxError

_FOLDERS = ("proc", "dev", "run", "etc", "var/tmp", "opt/runoff", WORKTREE.strip("/"), HOME.strip("/"))
_FILES = {
    "etc/passwd": f"root:x:0:0:root:/root:/bin/sh\nrunoff:x:{UID}:{UID}::{HOME}:/bin/bash\n",
    "etc/group": f"root:x:0:\nrunoff:x:{UID}:\n",
    "etc/hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


class Home:
    """Made with the first sandbox of a run, removed with the last; paths are short, for mount options are limited."""

    _open: dict[tuple[int, str], Home] = {}  # noqa: RUF012 - shared on purpose: one folder a process and run
    _lock = threading.Lock()

    def __init__(self, run_id: str) -> None:
        """Use ``of``."""
        self.folder = leftovers.claim(run_id)
        self.empty = self.folder / "empty"
        self.empty.mkdir(mode=0o755)
        self._key = (os.getpid(), run_id)
        self._numbers = itertools.count()
        self._sandboxes = 0

    @classmethod
    def of(cls, run_id: str) -> Home:
        """Return the run's folder in this process."""
        key = (os.getpid(), run_id)
        with cls._lock:
            if key not in cls._open:
                cls._open[key] = cls(run_id)
            home = cls._open[key]
            home._sandboxes += 1
            return home

    def skeleton(self, binds: Mapping[str, Path], root: HostRoot | None) -> Layer:
        """Make the lowest layer: mount points, links, and an /etc that says nothing of the host."""
        top = self._next()
        top.mkdir(mode=0o755)
        for name in _FOLDERS:
            (top / name).mkdir(mode=0o755, parents=True, exist_ok=True)
        (top / "tmp").chmod(0o1777)
        for name, text in _FILES.items():
            (top / name).write_text(text)
        for inside, target in (root.links if root else {}).items():
            (top / inside.strip("/")).parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            (top / inside.strip("/")).symlink_to(target)
        for inside, source in sorted(binds.items()):
            point = top / inside.strip("/")
            if source.is_dir():
                point.mkdir(mode=0o755, parents=True, exist_ok=True)
            elif source.exists():
                point.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
                point.touch()
            else:
                raise SandboxError(f"cannot show {source} in a sandbox: it does not exist")
        return Layer(top)

    def base_layers(self, paths: Sequence[Path]) -> list[Layer]:
        """Wrap folders that belong to others; their paths made absolute and free of links, as mounts need them."""
        for path in paths:
            if not path.is_dir():
                raise SandboxError(f"cannot use {path} as a layer: it is not a folder")
        return [Layer(path.resolve(), owned=False) for path in paths]

    def new_stack(self, layers: list[Layer]) -> Stack:
        """Return a stack over layers that the caller holds."""
        return Stack.over(layers, self._next())

    def fork(self, stack: Stack) -> tuple[Stack, Stack]:
        """Freeze what a stack wrote; return the stack to go on with and a new one over the same frozen layers."""
        if not stack.is_clean():
            frozen = Layer(stack.upper)
            stack = self.new_stack([*stack.layers, frozen])
        with self._lock:
            self._sandboxes += 1
        return stack, self.new_stack([layer.hold() for layer in stack.layers])

    def drop(self, stack: Stack) -> None:
        """Remove a stack; with the last one, the folder."""
        remove_tree(stack.upper.parent)
        for layer in stack.layers:
            layer.release()
        with self._lock:
            self._sandboxes -= 1
            if self._sandboxes == 0:
                del self._open[self._key]
                remove_tree(self.folder)

    def _next(self) -> Path:
        return self.folder / format(next(self._numbers), "x")
