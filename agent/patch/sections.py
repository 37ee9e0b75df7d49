"""The files of any system's unified diff, each with its own part of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from unidiff import PatchedFile, PatchSet, UnidiffParseError

_PREFIX = re.compile(r"^[abciow12]/")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.S)
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


class PatchError(ValueError):
    """A diff that cannot be read or applied; one line that says why."""


@dataclass(frozen=True)
class Section:
    """One file's part of a diff."""

    before: str | None
    """Its path before; None for a new file."""
    after: str | None
    """Its path after; None for a deleted file."""
    text: str
    """Its lines of the diff, as written."""
    parsed: PatchedFile

    @property
    def path(self) -> str:
        """The path it has in the patched tree, or had."""
        return self.after or self.before or ""

    @property
    def is_new(self) -> bool:
        """The file does not exist before."""
        return self.before is None


def sections(patch: str) -> tuple[Section, ...]:
    """Split a diff (of git, diff -u, difflib; with or without prefixes) into its files. Raises PatchError."""
    try:
        parsed = list(PatchSet(patch))
    except (UnidiffParseError, AssertionError) as error:
        raise PatchError(f"not a unified diff: {str(error).strip()[:200]}") from None
    if not parsed:
        if patch.strip():
            raise PatchError("not a unified diff: no file in it")
        return ()
    lines = patch.split("\n")
    starts = [_start(file, lines) for file in parsed]
    ends = [*starts[1:], len(lines)]
    texts = ["\n".join(lines[a:b]).rstrip("\n") + "\n" for a, b in zip(starts, ends, strict=True)]
    return tuple(_section(file, text) for file, text in zip(parsed, texts, strict=True))


def _start(file: PatchedFile, lines: list[str]) -> int:
    """Return the line, from 0, where a file's part begins: its ``diff --git`` line, else its ``---`` line."""
    number = int(file.diff_line_no) - 1
    return number - 1 if lines[number].startswith("+++ ") else number


def _section(file: PatchedFile, text: str) -> Section:
    git = text.startswith("diff --git ")
    before = None if file.source_file == "/dev/null" else _path(file.source_file)
    after = None if file.target_file == "/dev/null" else _path(file.target_file)
    if not git and before is not None and after is not None:
        before = None if file.is_added_file else before
        after = None if file.is_removed_file else after
    return Section(before, after, text, file)


def _path(name: str) -> str:
    """Strip the prefix and git's quotes."""
    if len(name) > 1 and name[0] == name[-1] == '"':
        raw = _ESCAPE.sub(_unescape, name[1:-1].encode())
        name = raw.decode(errors="surrogateescape")
    return _PREFIX.sub("", name, count=1)


def _unescape(match: re.Match[bytes]) -> bytes:
    escaped = match[1]
    return bytes([int(escaped, 8) & 255]) if len(escaped) == 3 else _ESCAPES.get(escaped, escaped)


def paths(patch: str) -> Iterator[str]:
    """Yield every path that a diff reads or writes."""
    for section in sections(patch):
        yield from dict.fromkeys(path for path in (section.before, section.after) if path is not None)
