"""The append-only record of a trajectory: written as it happens, replayed after a crash.

A trajectory is ordinary code whose every effect (a model call, a test run) goes through ``Journal.step``. A step
whose answer is on disk is not done again: the recorded answer is returned. So the same code run twice continues
where it was killed, and run over a finished record it replays the trajectory without a model.

The file holds one JSON object a line: the header, the steps, and an ending. An ending that is not final (the
endpoint or the sandbox failed) is followed by further steps when the run is resumed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SCHEMA = 1

Json = dict[str, Any]


class JournalMismatch(Exception):
    """The record was made by another configuration or version of the trajectory's code."""


class JournalEnded(Exception):
    """A further step was asked of a trajectory that is over; ``ending`` is how it ended."""

    def __init__(self, ending: Json) -> None:
        super().__init__(f"the trajectory ended: {ending}")
        self.ending = ending


class Journal:
    """One trajectory's record. A context manager; used by one thread."""

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        """Open or create the record at ``path``.

        A last line that was cut off in mid-write is dropped. Where the header on disk differs from ``header``, a record
        without an answer of a model is begun anew, since nothing in it was paid for; with one, JournalMismatch is
        raised.
        """
        self.path = path
        self._recorded: list[Json] = []
        self._position = 0
        self.ending: Json | None = None
        """The final ending on disk, if the trajectory is over."""
        self._told: list[Json] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = _whole_lines(path)
        self._file = path.open("ab")
        wanted = {"schema": SCHEMA, "header": json.loads(json.dumps(header))}
        if lines and lines[0] != wanted and not any(line.get("kind") == "model" for line in lines):
            self._file.truncate(0)
            lines = []
        if not lines:
            self._append(wanted)
            return
        if lines[0] != wanted:
            raise JournalMismatch(
                f"{path} was recorded with another configuration or version: "
                "use --redo-existing to do it again, or another output folder."
            )
        for line in lines[1:]:
            if "ending" not in line:
                self._recorded.append(line)
            elif line["final"]:
                self.ending = line["ending"]

    def step(
        self, kind: str, request: Mapping[str, Any], perform: Callable[[], Mapping[str, Any]]
    ) -> tuple[Json, bool]:
        """Return the step's answer, and whether it was replayed from the record instead of performed.

        ``request`` identifies the step (JSON data); the record must hold the same request at this place. Raises
        JournalEnded past the last step of a trajectory that is over: what ended it then (a budget, a clock) need not
        be so now.
        """
        key = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()[:16]
        if self._position < len(self._recorded):
            line = self._recorded[self._position]
            if (line["kind"], line["key"]) != (kind, key):
                raise JournalMismatch(
                    f"{self.path}, step {self._position}: the record holds another {line['kind']} request; "
                    "use --redo-existing to do it again."
                )
            self._position += 1
            self._delta(request)
            return line["answer"], True
        if self.ending is not None:
            raise JournalEnded(self.ending)
        answer = json.loads(json.dumps(perform()))
        self._append(
            {"step": self._position, "kind": kind, "key": key, "request": self._delta(request), "answer": answer}
        )
        self._recorded.append({"kind": kind, "key": key, "answer": answer})
        self._position += 1
        return answer, False

    def end(self, ending: Mapping[str, Any], *, final: bool) -> None:
        """Write the ending; a final one is synced to disk and stops all further steps."""
        if self.ending is None:
            self._append({"ending": dict(ending), "final": final})
            os.fsync(self._file.fileno())
            if final:
                self.ending = dict(ending)

    def close(self) -> None:
        """Close the file; idempotent."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _delta(self, request: Mapping[str, Any]) -> Json:
        """Return the request with only those messages that no earlier step has shown.

        A conversation is a growing list: writing it whole at every turn would square the file's size.
        """
        messages = request.get("messages")
        if messages is None:
            return dict(request)
        kept = 0
        for known, new in zip(self._told, messages, strict=False):
            if known != new:
                break
            kept += 1
        self._told = list(messages)
        return {**request, "messages": messages[kept:], "messages_kept": kept}

    def _append(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
        self._file.flush()


def read_journal(path: Path) -> list[Json]:
    """Return the lines of a record (header, steps, endings); a torn last line is left out."""
    return _parse(path.read_bytes())[0] if path.exists() else []


def _whole_lines(path: Path) -> list[Json]:
    """Return the lines on disk and cut a torn last line off the file."""
    if not path.exists():
        return []
    content = path.read_bytes()
    lines, whole = _parse(content)
    if whole < len(content):
        with path.open("r+b") as file:
            file.truncate(whole)
    return lines


def _parse(content: bytes) -> tuple[list[Json], int]:
    lines: list[Json] = []
    position = 0
    while (end := content.find(b"\n", position)) >= 0:
        try:
            line = json.loads(content[position:end])
        except ValueError:
            break
        lines.append(line)
        position = end + 1
    return lines, position
