"""Files of a base tree, each read once: a sandbox runs a command for every read, and the base never changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress

MOST_BYTES = 64 * 2**20
"""Bytes that are kept of one tree; those that were read longest ago go first."""


class BaseFiles:
    """The files that were asked for, and the names of those that are not there. Safe under many threads."""

    def __init__(self, read: Callable[[str], bytes], most: int = MOST_BYTES) -> None:
        self._read, self._most = read, most
        self._lock = threading.Lock()
        self._known: OrderedDict[str, bytes | None] = OrderedDict()
        self._size = 0

    def read(self, path: str) -> bytes:
        """Return a file. FileNotFoundError when there is none."""
        with self._lock:
            if path in self._known:
                self._known.move_to_end(path)
                return _content(path, self._known[path])
        found: bytes | None = None
        with suppress(FileNotFoundError):  # as good an answer as any other
            found = self._read(path)
        with self._lock:
            self._keep(path, found)
        return _content(path, found)

    def _keep(self, path: str, found: bytes | None) -> None:
        if path in self._known:
            return
        self._known[path] = found
        self._size += _size(path, found)
        while self._size > self._most:
            self._size -= _size(*self._known.popitem(last=False))


def _size(path: str, found: bytes | None) -> int:
    return len(path) + len(found or b"")


def _content(path: str, found: bytes | None) -> bytes:
    if found is None:
        raise FileNotFoundError(f"no such file in the base tree: {path}")
    return found
