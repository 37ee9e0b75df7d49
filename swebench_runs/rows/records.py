"""Files to JSON values: one document, a list, or a value per line; compressed or not; as much as can be saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments.bounded import VALUE_BYTES, TooLarge, json_value, open_regular
from environments.text import decoded
from swebench_runs.rows.unpacking import Unpacked

_BOM = b"\xef\xbb\xbf"
_MARKED = (b"\xff\xfe", b"\xfe\xff")
"""How text in UTF-16 begins, as shells on Windows write it."""
_MOST_LINES, _MOST_BROKEN = 1_000_000, 1000
"""Lines of one file that are read, and those of them that are named for holding no value."""
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

    Bytes that are not UTF-8 become surrogates, so that they can be written back as they were. Of a file of lines only
    one is in memory at a time.
    """
    try:
        with open_regular(path) as file:
            yield from _records(Unpacked(file), path)
    except OSError as error:
        yield Unread(str(path), f"cannot be read: {error.strerror or error}")
    except TooLarge as error:
        yield Unread(str(path), str(error))


def _records(file: Unpacked, path: Path) -> Iterator[Record | Unread]:
    content = file.read(VALUE_BYTES + 1)
    if len(content) > VALUE_BYTES:
        if content.startswith(_MARKED):
            raise TooLarge(f"is UTF-16 and holds over {VALUE_BYTES >> 20} MiB: write it as UTF-8")
        yield from _lines(content.removeprefix(_BOM), file, path)
        return
    if file.damage:
        yield Unread(str(path), file.damage)
    if content.startswith(_MARKED):
        content = decoded(content).encode("utf-8", "surrogatepass")
    content = content.removeprefix(_BOM).strip()
    if not content:
        if not file.damage:
            yield Unread(str(path), "is empty")
        return
    if (trajectory := glance(content)) is not None:
        yield Record("", trajectory)
        return
    yield from _values(content, file, path)


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
    """Return the value that a JSON text holds; None where it is none. TooLarge for one without measure."""
    try:
        return Record("", json_value(text.decode(errors="surrogateescape")))
    except TooLarge:
        raise
    except ValueError:
        return None


def _values(content: bytes, file: Unpacked, path: Path) -> Iterator[Record | Unread]:
    first, _, rest = content.partition(b"\n")
    if not rest or parsed(first) is None:
        whole = parsed(content)
        if whole is not None:
            yield from _entries(whole.value)
            return
        if not rest:
            yield Unread(str(path), "is not JSON, or was cut off")
            return
    yield from _lines(content, file, path)


def _entries(value: Any) -> Iterator[Record]:
    if isinstance(value, list):
        yield from (Record(f"[{number}]", entry) for number, entry in enumerate(value))
    else:
        yield Record("", value)


def _lines(begun: bytes, file: Unpacked, path: Path) -> Iterator[Record | Unread]:
    """Yield the value of each line of a file, of which ``begun`` has been read."""
    broken: list[Unread] = []
    objects = unnamed = 0
    for number, line in enumerate(file.lines(begun, VALUE_BYTES), 1):
        if number > _MOST_LINES:
            broken.append(Unread(str(path), f"has over {_MOST_LINES:,} lines: those after them are not read"))
            break
        if not line.strip():
            continue
        try:
            record = parsed(line)
        except TooLarge as error:
            broken.append(Unread(f"{path}:{number}", str(error)))
            continue
        if record is not None and isinstance(record.value, dict):
            objects += 1
            yield Record(f":{number}", record.value)
        elif len(broken) < _MOST_BROKEN:
            broken.append(Unread(f"{path}:{number}", "not a line of JSON, or one that was cut off"))
        else:
            unnamed += 1
    if unnamed:
        broken.append(Unread(str(path), f"has {unnamed:,} more lines that are no JSON"))
    if file.damage and len(begun) > VALUE_BYTES:
        broken.append(Unread(str(path), file.damage))
    yield from broken if objects else [Unread(str(path), "is not JSON, nor lines of it")]
