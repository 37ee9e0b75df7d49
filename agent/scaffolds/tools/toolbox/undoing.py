"""What the editor has written, so that it can be taken back: newest first, and while nothing else has changed it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field

_MOST = 4 << 20
"""Bytes of former contents that are kept."""


@dataclass(frozen=True)
class Change:
    """One change of a file."""

    before: bytes | None
    """None: there was no such file."""
    after: str
    """Tells the content that it left."""


@dataclass
class Changes:
    """The editor's changes, by the path from the repository's top."""

    _by_path: defaultdict[str, list[Change]] = field(default_factory=lambda: defaultdict(list))

    def made(self, path: str, before: bytes | None, after: bytes) -> None:
        """Keep what stood there before a change; where too much is kept, the largest go first."""
        self._by_path[path].append(Change(before, _told(after)))
        kept = [(len(one.before or b""), name) for name, changes in self._by_path.items() for one in changes]
        if sum(size for size, _ in kept) > _MOST:
            del self._by_path[max(kept)[1]][0]

    def last(self, path: str) -> Change | None:
        """Return the last change of a file that is kept."""
        changes = self._by_path.get(path)
        return changes[-1] if changes else None

    def undone(self, path: str) -> None:
        """Forget the last change of a file."""
        self._by_path[path].pop()


def is_as_left(content: bytes | None, change: Change) -> bool:
    """Tell whether a file is as a change left it."""
    return content is not None and _told(content) == change.after


def _told(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
