"""The folder on the host that holds the sandboxes of one run in this process: skeletons, layers, a label."""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from environments.sandboxes import leftovers
from environments.sandboxes.bubblewrap import skeleton
from environments.sandboxes.bubblewrap.cgroup import remove_idle_groups
from environments.sandboxes.bubblewrap.flatten import flatten
from environments.sandboxes.bubblewrap.layers import Layer, Stack, mode_of
from environments.sandboxes.contract import WORKTREE, SandboxError
from environments.sandboxes.looks.disk import disk_use_at_rest
from environments.sandboxes.removal import remove_tree

_DEPTH = 16
"""Layers written by sandboxes that may lie on one another before they are merged."""


@dataclass(frozen=True)
class Base:
    """What an environment's sandboxes stand on."""

    layers: list[Layer]
    mounts: dict[str, Path]
    """Path in the sandbox -> read-only folder or file of the host."""

    def repository(self) -> Path | None:
        """Return the topmost layer's repository of the tree, as it is before any command."""
        for layer in reversed(self.layers):
            folder = layer.path / WORKTREE.strip("/") / ".git"
            if folder.is_dir() and not folder.is_symlink():
                return folder
        return None


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
        self._spare: list[Path] = []
        self._sweeper = ThreadPoolExecutor(1, thread_name_prefix="runoff-sweeper")

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

    def base(self, paths: Sequence[Path], binds: Mapping[str, Path], links: Mapping[str, str]) -> Base:
        """Make the layers and mounts that an environment's sandboxes share.

        Raises:
            SandboxError: a layer or a bind does not exist, or they do not fit together.
        """
        top = self._next()
        mounts = skeleton.build(top, binds, links)
        layers = [Layer(top, top)]
        for path in paths:
            if not path.is_dir():
                raise SandboxError(f"cannot use {path} as a layer: it is not a folder")
            skeleton.check(path, mounts)
            layers.append(Layer(None, path.resolve()))
        return Base(layers, mounts)

    def new_stack(self, base: list[Layer]) -> Stack:
        """Return a stack over an environment's layers; takes over the caller's hold on them."""
        return Stack.over(base, len(base), self._writable())

    def fork(self, stack: Stack) -> tuple[Stack, Stack]:
        """Freeze what a stack wrote; return the stack to go on with and a new one over the same frozen layers."""
        if not stack.is_untouched():
            stack = self._frozen(stack)
        with self._lock:
            self._sandboxes += 1
        held = [layer.hold() for layer in stack.layers]
        return stack, Stack.over(held, stack.base, self._writable(), stack.mode)

    @contextlib.contextmanager
    def scratch(self, stack: Stack) -> Iterator[Stack]:
        """Lend a stack over all that ``stack`` shows, whose writes are thrown away; ``stack`` must rest meanwhile."""
        scratch = Stack.over([*stack.layers, Layer(None, stack.upper)], stack.base, self._writable())
        try:
            yield scratch
        finally:
            self._put_back(scratch)

    def _frozen(self, stack: Stack) -> Stack:
        top = Layer(stack.upper.parent, stack.upper, size=disk_use_at_rest(stack.upper))
        mode, layers = mode_of(stack.upper), [*stack.layers, top]
        if len(layers) - stack.base > _DEPTH:
            layers = self._merged(layers, stack.base)
        return Stack.over(layers, stack.base, self._writable(), mode)

    def _merged(self, layers: list[Layer], base: int) -> list[Layer]:
        folder = self._next()
        folder.mkdir(mode=0o700)
        try:
            flatten([layer.path for layer in layers[base:]], folder / "u")
        except OSError as error:  # such as a path that is too long for the kernel
            remove_tree(folder)
            raise SandboxError(f"what a sandbox wrote cannot be laid together for a fork: {error.strerror}") from error
        for layer in layers[base:]:
            layer.release()
        return [*layers[:base], Layer(folder, folder / "u", size=disk_use_at_rest(folder / "u"))]

    def drop(self, stack: Stack) -> None:
        """Remove a stack; with the last one, the folder."""
        self._put_back(stack)
        for layer in stack.layers:
            layer.release()
        self.leave()

    def leave(self) -> None:
        """Count one sandbox less; with the last one, remove the folder and the idle control groups."""
        with self._lock:
            self._sandboxes -= 1
            if self._sandboxes == 0:
                del self._open[self._key]
                self._sweeper.shutdown(wait=True)
                remove_tree(self.folder)
            if not self._open:
                remove_idle_groups()

    def _writable(self) -> Path:
        """Return a folder for a stack to write to; one that nothing was written to serves again."""
        with self._lock:
            return self._spare.pop() if self._spare else self._next()

    def _put_back(self, stack: Stack) -> None:
        # Making and removing folders is a good part of a short command's time, on ext4 and under load most of it.
        if stack.is_untouched():
            with self._lock:
                self._spare.append(stack.upper.parent)
        else:
            # Nobody waits for it but who removes the whole.
            self._sweeper.submit(remove_tree, stack.upper.parent)

    def _next(self) -> Path:
        return self.folder / format(next(self._numbers), "x")
