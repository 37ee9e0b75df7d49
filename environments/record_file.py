"""A file of JSON lines that only grows: whole lines, a torn end repaired, and what is on disk said by ``sync``.

    with RecordFile(path) as record:
        record.lines                 # what was there
        record.append({"step": 1})   # survives a crash of this process at once
        record.sync()                # ... and one of the machine

Every record of Runoff is one: trajectories, test runs, events, validations. The lines are ASCII, since outputs may
hold lone surrogates, which UTF-8 cannot encode.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from environments.bounded import TooLarge, assert_few_values, json_value, read_regular

RECORD_BYTES, RECORD_VALUES = 1 << 30, 20_000_000
"""What a record is read up to, which may come with somebody else's run; and the values in it, counted as JSON's are."""

_BLOCK = 1 << 16
_appending = threading.Lock()


class RecordFile:
    """An open record. A context manager; used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open or create the record at ``path``, its folder too; what a crash left after the last whole line is cut.

        Raises OSError where it cannot be written, and TooLarge where what is there has no measure: nothing is cut then.
        """
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = _opened(path)
        self._file.seek(0)
        content = self._file.read(RECORD_BYTES + 1)
        try:
            self.lines, whole = _parse(path, content)
        except TooLarge:
            self._file.close()
            raise
        if whole < len(content):
            self._file.truncate(whole)
        self._unsynced = False

    def append(self, line: Mapping[str, Any]) -> None:
        """Write one line. OSError where it cannot be (a full disk): the record then is as it was before."""
        _write(self._file.fileno(), line)
        self._unsynced = True

    def begin_anew(self) -> None:
        """Drop every line."""
        self._file.truncate(0)
        self.lines = []

    def sync(self) -> None:
        """Force what was appended to the disk; nothing on a closed record."""
        if self._unsynced and not self._file.closed:
            os.fsync(self._file.fileno())
            self._unsynced = False

    def close(self) -> None:
        """Close the file; idempotent."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _opened(path: Path) -> FileIO:
    """Open a record for reading and appending; a link in its place, which somebody else's run may hold, is refused."""
    return FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666), "a+")


def append_line(path: Path, line: Mapping[str, Any]) -> None:
    """Append one line to a record that nobody holds open, or nothing of it (OSError). Safe to call from any thread."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _appending, _opened(path) as file:
        _cut_torn_line(file.fileno())
        _write(file.fileno(), line)


def read_lines(path: Path) -> list[Any]:
    """Return a record's lines up to the first that is not whole; no file is an empty record. Nothing is written.

    Raises TooLarge, in one line, for a record without measure.
    """
    return _parse(path, read_regular(path, at_most=RECORD_BYTES + 1))[0] if path.exists() else []


def _write(descriptor: int, line: Mapping[str, Any]) -> None:
    """Write a line at the end of a file, or, on a disk that is full in the middle of it, nothing."""
    left = memoryview(json.dumps(line, separators=(",", ":")).encode("ascii") + b"\n")
    before = os.fstat(descriptor).st_size
    try:
        while left:
            left = left[os.write(descriptor, left) :]
    except OSError:
        os.ftruncate(descriptor, before)
        raise


def _parse(path: Path, content: bytes) -> tuple[list[Any], int]:
    """Return the whole lines at the start, and how many bytes they are. TooLarge, which names the file.

    A machine that lost its power may leave a line of zeros: what stands behind it was written after it, and goes too.
    """
    lines: list[Any] = []
    position = 0
    try:
        if len(content) > RECORD_BYTES:
            raise TooLarge(f"holds over {RECORD_BYTES:,} bytes")
        assert_few_values(content, RECORD_VALUES)
        while (end := content.find(b"\n", position)) >= 0:
            line = json_value(content[position:end])
            if not isinstance(line, dict):  # none of ours: whoever reads a record looks into each line
                break
            lines.append(line)
            position = end + 1
    except TooLarge as error:
        raise TooLarge(f"{path} {error}: move it away") from None
    except ValueError:  # what a crash has left
        return lines, position
    return lines, position


def _cut_torn_line(descriptor: int) -> None:
    """Truncate an open file after its last newline; its end alone is read, a block at a time."""
    size = end = os.fstat(descriptor).st_size
    while end:
        start = max(0, end - _BLOCK)
        last = os.pread(descriptor, end - start, start).rfind(b"\n")
        if last >= 0:
            end = start + last + 1
            break
        end = start
    if end < size:
        os.ftruncate(descriptor, end)
