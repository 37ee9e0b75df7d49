"""git's index of a base as it is before any command: made once, so that a comparison reads only what has changed.

Without it every comparison would read every file of the tree. The index knows a file by its size, its times and its
number on the disk. A command may set most of them, but not the time of the last change of any (ctime), and a file that
it changes is a new one in its own layer: what it changed is seen.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from environments.sandboxes.bubblewrap.layers import Stack
from environments.sandboxes.contract import TreeLost
from environments.sandboxes.fresh_git import lay_repository
from environments.sandboxes.tree_diff import Run, index_of, tree_diff

_log = logging.getLogger(__name__)

Scratch = Callable[[Stack], AbstractContextManager[Stack]]
"""Lends a stack over another, whose writes are thrown away."""
RunIn = Callable[[Stack], Run]
"""Returns what runs commands in such a stack."""


class BaseIndex:
    """One for a base and all its forks. Safe under many threads."""

    def __init__(self, head: str | None) -> None:
        """``head``: the tree's one commit; None: HEAD of its repository."""
        self._head = head
        self._lock = threading.Lock()
        self._file: Path | None = None
        self._elsewhere = False

    def diff(self, stack: Stack, scratch: Scratch, run_in: RunIn, place: Path) -> str:
        """Return the unified diff of a stack's tree; see ``tree_diff``. ``place``: a folder for the index to lie in."""
        with self._lock:
            if self._file is None and not self._elsewhere:
                self._file = self._made(stack, scratch, run_in, place)
        with scratch(stack) as lent:
            if self._file is None:
                return tree_diff(run_in(lent), self._head)
            laid = _laid(lent)
            shutil.copy2(self._file, lent.upper / laid / "index")  # its time tells git which files to trust
            return tree_diff(run_in(lent), self._head, laid=f"/{laid}")

    def _made(self, stack: Stack, scratch: Scratch, run_in: RunIn, place: Path) -> Path | None:
        """Return the index; None where the base does not hold the commit (it was made in the sandbox later)."""
        base = replace(stack, layers=stack.layers[: stack.base - 1], upper=stack.layers[stack.base - 1].path)
        began = time.time_ns()
        with scratch(base) as lent:
            try:
                self._head, index = index_of(run_in(lent), self._head, f"/{_laid(lent)}")
            except TreeLost as error:
                self._elsewhere = True
                _log.debug("no index of the base, so every comparison reads the whole tree: %s", error)
                return None
        file = place / f"index-{secrets.token_hex(4)}"
        file.write_bytes(index)
        os.utime(file, ns=(began, began))
        return file


def _laid(stack: Stack) -> str:
    """Lay a repository at the root of a stack; return its name, which no command can have known."""
    name = secrets.token_hex(8)
    lay_repository(stack.upper / name)
    return name
