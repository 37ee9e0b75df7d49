"""Make a git-style unified diff from the bytes before and after."""

from __future__ import annotations

import base64
import difflib
import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping

from agent.patch.lines import lines_of

_NO_NEWLINE = "\\ No newline at end of file\n"
_ESCAPES = {"\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", '"': '"', "\\": "\\"}
_STRAY = re.compile("[\udc80-\udcff]")
"""A byte that is not UTF-8, as Python carries it."""
_BINARY_LINE = 52
"""Bytes per line of a git binary patch."""


FILE_MODE = "100644"
"""Of an ordinary file, which nobody may execute."""
Modes = tuple[str | None, str | None]
"""A file's mode before and after; None where it is not known."""


def make_patch(
    before: Mapping[str, bytes | None], after: Mapping[str, bytes | None], modes: Mapping[str, Modes] | None = None
) -> str:
    """Return the diff that turns ``before`` into ``after``, as ``git apply`` takes it; empty when nothing changes.

    A path that is absent or None on one side does not exist there. Files that are not UTF-8, or hold a NUL byte,
    become git binary patches, so that the diff itself is always text. Files are in the order of their paths.
    ``modes``: of files that are no ordinary ones, or whose mode changes.
    """
    known = modes or {}
    return "".join(
        _file_patch(path, before.get(path), after.get(path), known.get(path, (None, None)))
        for path in sorted({*before, *after})
    )


def quoted(path: str, *, spaces: bool = False) -> str:
    """Quote a path as git does in a diff header: where it holds quotes, backslashes, control or stray bytes.

    ``spaces``: for these too. Git takes that, and ``patch`` needs it where no other line tells it the name.
    """
    if not any(c in '"\\\x7f' or ord(c) < 32 or _STRAY.match(c) or (spaces and c == " ") for c in path):
        return path
    return '"' + "".join(map(_escaped, path)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return f"\\{_ESCAPES[character]}"
    if ord(character) < 32 or character == "\x7f":
        return f"\\{ord(character):03o}"
    return f"\\{ord(character) - 0xDC00:03o}" if _STRAY.match(character) else character


def _file_patch(path: str, before: bytes | None, after: bytes | None, modes: Modes) -> str:
    mode = "".join(f"{line}\n" for line in _mode_lines(before, after, modes))
    if before == after and not mode:
        return ""
    texts = _text(before), _text(after)
    is_text = texts[0] is not None and texts[1] is not None
    body = "".join(_hunks(lines_of(texts[0] or ""), lines_of(texts[1] or ""))) if is_text else ""
    old, new = (quoted(f"{side}/{path}", spaces=bool(mode) or not body) for side in "ab")
    head = f"diff --git {old} {new}\n{mode}"
    if before == after or not body:
        return head if is_text or before == after else head + _binary(before, after)
    tab = "\t" if " " in path else ""
    source = "/dev/null" if before is None else old + tab
    target = "/dev/null" if after is None else new + tab
    return f"{head}--- {source}\n+++ {target}\n{body}"


def _mode_lines(before: bytes | None, after: bytes | None, modes: Modes) -> Iterator[str]:
    old, new = modes
    if before is None:
        if after is not None:
            yield f"new file mode {new or FILE_MODE}"
    elif after is None:
        yield f"deleted file mode {old or FILE_MODE}"
    elif old and new and old != new:
        yield f"old mode {old}"
        yield f"new mode {new}"


def _text(raw: bytes | None) -> str | None:
    """Decode a file; None where it cannot stand in a text diff."""
    if raw is None:
        return ""
    try:
        return None if b"\0" in raw else raw.decode()
    except UnicodeDecodeError:
        return None


def _hunks(before: list[str], after: list[str]) -> Iterator[str]:
    for number, line in enumerate(difflib.unified_diff(before, after, lineterm="\n")):
        if number >= 2:
            yield line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}"


def _binary(before: bytes | None, after: bytes | None) -> str:
    index = f"index {_blob_hash(before)}..{_blob_hash(after)}\n"
    return f"{index}GIT binary patch\n{_literal(after or b'')}\n{_literal(before or b'')}\n"


def _blob_hash(raw: bytes | None) -> str:
    if raw is None:
        return "0" * 40
    return hashlib.sha1(b"blob %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest()


def _literal(raw: bytes) -> str:
    """Return a blob as git's binary patches hold it: deflated, base 85, each line led by its length's letter."""
    packed = zlib.compress(raw)
    lines = [f"literal {len(raw)}\n"]
    for start in range(0, len(packed), _BINARY_LINE):
        chunk = packed[start : start + _BINARY_LINE]
        letter = chr(ord("A") + len(chunk) - 1) if len(chunk) <= 26 else chr(ord("a") + len(chunk) - 27)
        lines.append(letter + base64.b85encode(chunk, pad=True).decode() + "\n")
    return "".join(lines)
