"""Make a git-style unified diff from the bytes before and after."""

from __future__ import annotations

import base64
import difflib
import hashlib
import zlib
from collections.abc import Iterator, Mapping

_NO_NEWLINE = "\\ No newline at end of file\n"
_ESCAPES = {"\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", '"': '"', "\\": "\\"}
_BINARY_LINE = 52
"""Bytes per line of a git binary patch."""


def make_patch(before: Mapping[str, bytes | None], after: Mapping[str, bytes | None]) -> str:
    """Return the diff that turns ``before`` into ``after``, as ``git apply`` takes it; empty when nothing changes.

    A path that is absent or None on one side does not exist there. Files that are not UTF-8, or hold a NUL byte,
    become git binary patches, so that the diff itself is always text. Files are in the order of their paths.
    """
    return "".join(
        _file_patch(path, before.get(path), after.get(path))
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    )


def quoted(path: str) -> str:
    """Quote a path as git does in a diff header: only where it holds quotes, backslashes or control characters."""
    if not any(c in '"\\\x7f' or ord(c) < 32 for c in path):
        return path
    escaped = (
        f"\\{_ESCAPES[c]}" if c in _ESCAPES else f"\\{ord(c):03o}" if ord(c) < 32 or c == "\x7f" else c for c in path
    )
    return '"' + "".join(escaped) + '"'


def _file_patch(path: str, before: bytes | None, after: bytes | None) -> str:
    old, new = quoted(f"a/{path}"), quoted(f"b/{path}")
    head = f"diff --git {old} {new}\n"
    if before is None:
        head += "new file mode 100644\n"
    elif after is None:
        head += "deleted file mode 100644\n"
    texts = _text(before), _text(after)
    if texts[0] is None or texts[1] is None:
        return head + _binary(before, after)
    body = "".join(_hunks(_lines(texts[0]), _lines(texts[1])))
    if not body:
        return head
    tab = "\t" if " " in path else ""
    source = "/dev/null" if before is None else old + tab
    target = "/dev/null" if after is None else new + tab
    return f"{head}--- {source}\n+++ {target}\n{body}"


def _text(raw: bytes | None) -> str | None:
    """Decode a file; None where it cannot stand in a text diff."""
    if raw is None:
        return ""
    try:
        return None if b"\0" in raw else raw.decode()
    except UnicodeDecodeError:
        return None


def _lines(text: str) -> list[str]:
    """Split at line feeds only, as git does, and keep them."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


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
