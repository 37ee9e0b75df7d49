"""A task's folder carried to another machine by what changed: records by their new lines, other files whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from environments.trees.beneath import plain_parts
from swebench_runs.run_folder.files import write_whole

_TAIL = 256
"""Bytes at the end of what was carried that must still stand there for a record to count as one that has grown."""


@dataclass(frozen=True)
class Change:
    """One file's change."""

    path: str
    """Below the task's folder."""
    content: bytes | None
    """What is there from ``after`` on; None: the file is gone."""
    after: int = 0
    """Bytes at the start that stay."""


@dataclass(frozen=True)
class _Carried:
    inode: int
    size: int
    stamp: int
    tail: bytes


class Mirror:
    """Remembers what it has told of a folder's files, and tells what has changed since. Used by one thread."""

    def __init__(self, folder: Path, *, known: bool = False) -> None:
        """``known``: the other side has what is there now."""
        self._folder = folder
        self._carried: dict[str, _Carried] = {}
        if known:
            self.changes()

    def changes(self) -> tuple[Change, ...]:
        """Return what changed since the last call; of a record whole lines alone."""
        found = {str(path.relative_to(self._folder)): path for path in _files(self._folder)}
        gone = [Change(name, None) for name in sorted(self._carried.keys() - found.keys())]
        for change in gone:
            del self._carried[change.path]
        told = (self._change(name, path) for name, path in sorted(found.items()))
        return (*gone, *(change for change in told if change))

    def _change(self, name: str, path: Path) -> Change | None:
        before = self._carried.get(name)
        try:
            stat = path.stat()
            if before and (before.inode, before.stamp) == (stat.st_ino, stat.st_mtime_ns):
                return None
            content = path.read_bytes()
        except FileNotFoundError:  # set aside since it was listed: the next call tells
            return None
        if path.suffix == ".jsonl":
            content = content[: content.rfind(b"\n") + 1]
        grown = before and path.suffix == ".jsonl" and before.inode == stat.st_ino and _continues(content, before)
        after = before.size if before and grown else 0
        self._carried[name] = _Carried(stat.st_ino, len(content), stat.st_mtime_ns, content[-_TAIL:])
        return None if grown and len(content) == after else Change(name, content[after:], after)


def apply(folder: Path, changes: Iterable[Change]) -> None:
    """Bring a folder to what the changes say. OutsideError for a path that leads out of it."""
    for change in changes:
        path = folder.joinpath(*plain_parts(change.path))
        if change.content is None:
            path.unlink(missing_ok=True)
        elif change.after:
            with path.open("r+b") as file:
                file.truncate(change.after)
                file.seek(change.after)
                file.write(change.content)
        else:
            write_whole(path, change.content)


def _continues(content: bytes, before: _Carried) -> bool:
    return len(content) >= before.size and content[: before.size].endswith(before.tail)


def _files(folder: Path) -> list[Path]:
    """Return the files of a task; what begins with a dot is a lock or half written."""
    return [path for path in folder.rglob("*") if not path.name.startswith(".") and path.is_file()]
