"""Files to JSON values: one document, a list, or a value per line; compressed or not; as much as can be saved."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments.text import decoded

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_MARKED = (b"\xff\xfe", b"\xfe\xff")
"""How text in UTF-16 begins, as shells on Windows write it."""
_LARGEST = 4 << 30
"""Bytes that a compressed file may unpack to: more is an attack, or nothing that memory should hold."""
_TRAJECTORY = (b'\n  "messages": [', b'\n  "trajectory": [', b'\n  "history": [')
_OUTLINE = ("info", "instance_id")


@dataclass(frozen=True)
class Record:
    """A JSON value of a file and where it stands there."""

    where: str
    value: Any


@dataclass(frozen=True)
class Unread:
    """A file, or a part of one, from which nothing was taken, and why."""

    source: str
    reason: str


def records(path: Path) -> Iterator[Record | Unread]:
    """Yield the JSON values of a file, and an ``Unread`` for each part that is none.

    Bytes that are not UTF-8 become surrogates, so that they can be written back as they were.
    """
    try:
        content = path.read_bytes()
        content, damage = _unpacked(content) if content.startswith(_GZIP) else (content, "")
    except OSError as error:
        yield Unread(str(path), f"cannot be read: {error.strerror or error}")
        return
    if damage:
        yield Unread(str(path), damage)
    if content.startswith(_MARKED):
        content = decoded(content).encode("utf-8", "surrogatepass")
    content = content.removeprefix(_BOM).strip()
    if not content:
        if not damage:
            yield Unread(str(path), "is empty")
        return
    if (trajectory := glance(content)) is not None:
        yield Record("", trajectory)
        return
    yield from _values(content, path)


def glance(content: bytes) -> dict[str, Any] | None:
    """Return the few values of a trajectory that a prediction needs, and nothing of its megabytes of messages.

    Works where the file is printed with an indent of two, as mini-swe-agent and SWE-agent do: JSON has no bare line
    break within strings, so only a key of the outermost object follows a line break and two spaces. None elsewhere.
    """
    if not content.startswith(b"{") or not any(mark in content for mark in _TRAJECTORY):
        return None
    found = {}
    for key in _OUTLINE:
        mark = b'\n  "%s": ' % key.encode()
        start = content.rfind(mark)
        if start < 0:
            continue
        start += len(mark)
        end = content.find(b"\n  }" if content.startswith(b"{\n", start) else b"\n", start)
        text = content[start : end + 4 if content.startswith(b"\n  }", end) else end].rstrip(b",")
        value = parsed(text)
        if value is not None:
            found[key] = value.value
    return found if isinstance(found.get("info"), Mapping) else None


def parsed(text: bytes) -> Record | None:
    """Return the value that a JSON text holds; None where it is none."""
    try:
        return Record("", json.loads(text.decode(errors="surrogateescape")))
    except (ValueError, RecursionError):
        return None


def _values(content: bytes, path: Path) -> Iterator[Record | Unread]:
    first, _, rest = content.partition(b"\n")
    if not rest or parsed(first) is None:
        whole = parsed(content)
        if whole is not None:
            yield from _entries(whole.value)
            return
        if not rest:
            yield Unread(str(path), "is not JSON, or was cut off")
            return
    yield from _lines(content, path)


def _entries(value: Any) -> Iterator[Record]:
    if isinstance(value, list):
        yield from (Record(f"[{number}]", entry) for number, entry in enumerate(value))
    else:
        yield Record("", value)


def _lines(content: bytes, path: Path) -> Iterator[Record | Unread]:
    broken: list[Unread] = []
    objects = 0
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        record = parsed(line)
        if record is not None and isinstance(record.value, dict):
            objects += 1
            yield Record(f":{number}", record.value)
        else:
            broken.append(Unread(f"{path}:{number}", "not a line of JSON, or one that was cut off"))
    yield from broken if objects else [Unread(str(path), "is not JSON, nor lines of it")]


def _unpacked(content: bytes) -> tuple[bytes, str]:
    """Return what a gzip file holds, as far as it can be unpacked, and what is wrong with it, if anything."""
    parts: list[bytes] = []
    size = 0
    while content.startswith(_GZIP):
        member = zlib.decompressobj(wbits=31)
        try:
            parts.append(member.decompress(content, _LARGEST - size))
        except zlib.error:
            return b"".join(parts), "is compressed by gzip and damaged"
        size += len(parts[-1])
        if member.unconsumed_tail:
            return b"", f"unpacks to more than {_LARGEST >> 30} GiB"
        if not member.eof:
            return b"".join(parts), "is compressed by gzip and was cut off"
        content = member.unused_data
    return b"".join(parts), ""
