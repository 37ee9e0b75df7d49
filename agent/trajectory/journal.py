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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from environments.errors import DataError
from environments.record_file import RecordFile, read_lines

SCHEMA = 1

REFUSED = " refused"
"""What the kind of a step ends with that was refused for good instead of answered."""

Json = dict[str, Any]


class JournalMismatch(DataError):
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
        self.failures: list[Json] = []
        """The endings that were not final since the last step on disk: how often the next step has failed."""
        self.ending: Json | None = None
        """The final ending on disk, if the trajectory is over."""
        self._told: list[Json] = []
        self._file = RecordFile(path)
        lines = self._file.lines
        wanted = {"schema": SCHEMA, "header": json.loads(json.dumps(header))}
        if lines and lines[0] != wanted and not any(line.get("kind") == "model" for line in lines):
            self._file.begin_anew()
            lines = []
        if not lines:
            self._file.append(wanted)
            return
        if lines[0] != wanted:
            raise JournalMismatch(
                f"{path} was recorded with another configuration or version: "
                "use --redo-existing to do it again, or another output folder."
            )
        for line in lines[1:]:
            if "ending" not in line:
                del self._recorded[line["step"] :]  # a step that was done again replaces what stood there
                self._recorded.append(line)
                self.failures.clear()
            elif line["final"]:
                self.ending = line["ending"]
            else:
                self.failures.append(line["ending"])

    def step(
        self,
        kind: str,
        request: Mapping[str, Any],
        perform: Callable[[], Mapping[str, Any]],
        *,
        refusals: Sequence[type[Exception]] = (),
        usable: Callable[[Json], bool] = lambda answer: True,
    ) -> tuple[Json, bool]:
        """Return the step's answer, and whether it was replayed from the record instead of performed.

        ``request`` identifies the step (JSON data); the record must hold the same request at this place. A failure
        among ``refusals`` is on record like an answer and raised again at every replay. A recorded answer that is
        not ``usable`` (older versions kept such) is done again. Raises JournalEnded past the last step of a
        trajectory that is over: what ended it then (a budget, a clock) need not be so now.
        """
        key = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()[:16]
        if self._position < len(self._recorded):
            line = self._recorded[self._position]
            if (line["kind"].removesuffix(REFUSED), line["key"]) != (kind, key):
                raise JournalMismatch(
                    f"{self.path}, step {self._position}: the record holds another {line['kind']} request; "
                    "use --redo-existing to do it again."
                )
            if line["kind"].endswith(REFUSED):
                self._position += 1
                self._delta(request)
                raise _refusal(line["answer"], refusals)
            if usable(line["answer"]):
                self._position += 1
                self._delta(request)
                return line["answer"], True
            del self._recorded[self._position :]
        if self.ending is not None:
            raise JournalEnded(self.ending)
        try:
            answer = json.loads(json.dumps(perform()))
        except tuple(refusals) as error:
            self._record(kind + REFUSED, key, request, {"error": type(error).__name__, "why": str(error)})
            raise
        self._record(kind, key, request, answer)
        return answer, False

    def _record(self, kind: str, key: str, request: Mapping[str, Any], answer: Json) -> None:
        self._file.append(
            {"step": self._position, "kind": kind, "key": key, "request": self._delta(request), "answer": answer}
        )
        self._recorded.append({"kind": kind, "key": key, "answer": answer})
        self._position += 1
        self.failures.clear()

    def end(self, ending: Mapping[str, Any], *, final: bool) -> None:
        """Write the ending; a final one is synced to disk and stops all further steps."""
        if self.ending is None:
            self._file.append({"ending": dict(ending), "final": final})
            self._file.sync()
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


def _refusal(answer: Json, refusals: Sequence[type[Exception]]) -> Exception:
    known = {kind.__name__: kind for kind in refusals}
    if answer["error"] not in known:
        raise JournalMismatch(f"the record holds a refusal of another kind, {answer['error']}: use --redo-existing")
    return known[answer["error"]](answer["why"])


def read_journal(path: Path) -> list[Json]:
    """Return the lines of a record (header, steps, endings); a torn last line is left out, and a step that was
    done again stands in its last form."""
    lines = read_lines(path)
    last = {line["step"]: number for number, line in enumerate(lines) if "step" in line}
    return [line for number, line in enumerate(lines) if last.get(line.get("step"), number) == number]


def said(line: Mapping[str, Any]) -> str:
    """Return what the model said in a recorded step, its first choice; empty where there is none."""
    choices = line["answer"]["choices"]
    return str(choices[0]["content"]) if choices else ""
