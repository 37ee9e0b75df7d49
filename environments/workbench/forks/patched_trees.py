"""Patched copies of a base tree, each made once and forked from then on."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager

from environments.sandboxes.contract import Sandbox, SandboxError
from environments.trees.steering import steering_paths, tree_of
from environments.workbench.forks.bytecode import with_bytecode
from environments.workbench.forks.commands_inside import lay_commands
from environments.workbench.open_sandboxes import OpenSandboxes

KEPT = 64
"""Patched trees kept open at a time."""

BASE_HASH = "base"

_PATTERN = re.compile(r"[*?\[\\]")


def patch_hash(patch: str | None) -> str:
    """Return the name under which runs on a patched tree are recorded; ``base`` for no patch or an empty one."""
    return hashlib.sha256(patch.encode("utf-8", "surrogateescape")).hexdigest()[:16] if patch else BASE_HASH


class DoesNotApply(Exception):
    """The patch does not apply to the base; the message is git's own."""


class PatchedTrees:
    """Gives forks of a base tree with a patch applied. Safe to use from any thread."""

    def __init__(self, base: Sandbox, sandboxes: OpenSandboxes | None = None, python_path: Sequence[str] = ()) -> None:
        """``base`` stays the caller's and is never written to; ``sandboxes``: what the process has open.

        ``python_path``: the folders of the tree that its modules are imported from.
        """
        self.sandboxes = sandboxes or OpenSandboxes()
        self._base = base
        self._python_path = tuple(python_path)
        self._root: Sandbox | None = None
        self._root_lock = threading.Lock()
        self._lock = threading.Lock()
        self._trees: OrderedDict[str, Future[Sandbox]] = OrderedDict()
        self._users: dict[str, int] = {}
        self._forks: set[Sandbox] = set()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Everything was closed: what ran then has no outcome."""
        return self._closed

    @contextmanager
    def fork(self, patch: str | None, *, whole: bool = False) -> Iterator[Sandbox]:
        """Yield a fork of the patched tree, closed on exit. Raises DoesNotApply.

        What steers tests is the base's there, whatever the patch says of it (``steering``), unless it is to be
        ``whole``: to be worked in, not to be judged.
        """
        with self._tree(patch, whole) as tree, tree.fork() as fork:
            with self._lock:
                if self._closed:
                    raise SandboxError("The workbench is closed.")
                self._forks.add(fork)
            try:
                yield fork
            finally:
                with self._lock:
                    self._forks.discard(fork)

    def close(self) -> None:
        """Close every fork, ending what runs in it, and every patched tree; the base stays open."""
        with self._lock:
            self._closed = True
            forks, trees, keys = list(self._forks), list(self._trees.values()), list(self._trees)
            self._trees.clear()
        for fork in forks:
            fork.close()
        for tree in trees:
            self._drop(tree)
        for key in keys:
            self.sandboxes.used((id(self), key))
        with self._root_lock:
            if self._root is not None:
                self._root.close()

    @contextmanager
    def _tree(self, patch: str | None, whole: bool) -> Iterator[Sandbox]:
        if not patch:
            yield self._compiled()
            return
        key = f"{patch_hash(patch)}{' whole' if whole else ''}"
        with self._lock:
            tree = self._trees.get(key)
            mine = tree is None
            if tree is None:
                tree = self._trees[key] = Future()
            self._trees.move_to_end(key)
            self._users[key] = self._users.get(key, 0) + 1
        self.sandboxes.used((id(self), key))
        try:
            if mine:
                self._make(key, tree, patch, whole)
            yield tree.result()
        finally:
            for idle in self._release(key):
                self._drop(idle)
            if self._stands_idle(key):
                self.sandboxes.idle((id(self), key), lambda: self._let_go(key))

    def _compiled(self) -> Sandbox:
        """Return the fork of the base that all others start from, with its byte code; made when first needed."""
        with self._root_lock:
            if self._root is None:
                self._root = with_bytecode(self._base)
                lay_commands(self._root)
            return self._root

    def _make(self, key: str, tree: Future[Sandbox], patch: str, whole: bool) -> None:
        """Fill the future with the patched tree, or with the error that whoever waits for it sees too."""
        try:
            tree.set_result(self._patched(patch, whole))
            self.sandboxes.opened()
        except BaseException as error:
            if not isinstance(error, DoesNotApply):  # not the patch's doing: the next one who asks tries again
                with self._lock:
                    self._trees.pop(key, None)
            tree.set_exception(error)
            if not isinstance(error, Exception):
                raise

    def _patched(self, patch: str, whole: bool) -> Sandbox:
        base = self._compiled()
        tree = base.fork()
        try:
            left_out = () if whole else steering_paths(patch, tree_of(base), self._python_path)
            # Outside the index, so that the tree's HEAD stays the base and `diff` shows the patch.
            result = tree.run(
                ["git", "-c", "safe.directory=*", "apply", "--whitespace=nowarn", *map(_excluded, left_out), "-"],
                stdin=patch.encode("utf-8", "surrogateescape"),
            )
            if result.exit_code != 0:
                raise DoesNotApply(result.text.strip() or f"git apply ended with exit code {result.exit_code}")
            if left_out and _RENAMES in patch:
                tree.run(["/bin/sh", "-c", _BRING_BACK, "sh", *left_out])
        except BaseException:
            tree.close()
            raise
        return tree

    def _release(self, key: str) -> list[Future[Sandbox]]:
        """Count one user less; return the trees over the bound that nobody uses, oldest first."""
        with self._lock:
            self._users[key] -= 1
            if not self._users[key]:
                del self._users[key]
            over = len(self._trees) - KEPT
            idle = [k for k in self._trees if k not in self._users][: max(over, 0)]
            return [self._trees.pop(k) for k in idle]

    def _stands_idle(self, key: str) -> bool:
        with self._lock:
            tree = self._trees.get(key)
            return key not in self._users and tree is not None and tree.done() and tree.exception() is None

    def _let_go(self, key: str) -> bool:
        """Close a tree that nobody uses; tell whether that was so still."""
        with self._lock:
            if key in self._users or key not in self._trees:
                return False
            tree = self._trees.pop(key)
        self._drop(tree)
        return True

    def _drop(self, tree: Future[Sandbox]) -> None:
        if tree.done() and tree.exception() is None:
            tree.result().close()
            self.sandboxes.closed()


_RENAMES = "\nrename from "
_GIT = "git -c safe.directory='*' --literal-pathspecs"
_BRING_BACK = f'{_GIT} ls-files -z --deleted -- "$@" | xargs -0 -r {_GIT} restore --'
"""What git's ``--exclude`` lets a patch rename: it asks for the new name alone."""


def _excluded(path: str) -> str:
    """Return git's option to leave a path out; to git it is a pattern."""
    return "--exclude=" + _PATTERN.sub(lambda found: "\\" + found[0], path)
