"""The append-only record of a trajectory: written as it happens, replayed after a crash.

A trajectory is ordinary code whose every effect (a model call, a test run) goes through ``Journal.step``. A step
whose answer is on disk is not done again: the recorded answer is returned. So the same code run twice continues
where it was killed, and run over a finished record it replays the trajectory without a model.

The file holds one JSON object a line: the header, the steps, and an ending. An ending that is not final (the
endpoint or the sandbox failed) is followed by further steps when the run is resumed. What was done in a fork is gone
with its process, and done again (``Journal.redo``): where it comes out otherwise, a line says that the record is cut
there, and what the answers were that were paid for and are not used.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from agent.trajectory.request_key import RequestKeys
from agent.trajectory.told import Told
from environments.bounded import read_regular
from environments.errors import DataError
from environments.record_file import RECORD_BYTES, RecordFile, read_lines

SCHEMA = 1

REFUSED = " refused"
"""What the kind of a step ends with that was refused for good instead of answered."""

WASTED = "wasted at"
"""The key of a line that tells what a call cost that came to nothing."""
CUT = "cut"
"""The key of a line that cuts the record: the first step that is no more on it."""

Json = dict[str, Any]

_PAID = ("usage", "cost", "latency")
_log = logging.getLogger(__name__)


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
        self._position = 0
        self._keys = RequestKeys()
        self.failures: list[Json] = []
        """The endings that were not final since the last step on disk: how often the next step has failed."""
        self.ending: Json | None = None
        """The final ending on disk, if the trajectory is over."""
        self.unused: list[Json] = []
        """The model's answers that were paid for and then cut off the record."""
        self._told = Told()
        self._pending: deque[Json] = deque()
        """The recorded steps that are yet to be replayed."""
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
        self._load(lines[1:])
        self._file.lines = []

    def _load(self, lines: Sequence[Json]) -> None:
        recorded: list[Json] = []
        for line in lines:
            if CUT in line:
                del recorded[line[CUT] :]
                self.unused += line["unused"]
            elif WASTED in line:
                self.unused += line["unused"]
            elif "ending" not in line:
                del recorded[line["step"] :]  # a step that was done again replaces what stood there
                recorded.append(line)
                self.failures.clear()
            elif line["final"]:
                self.ending = line["ending"]
            else:
                self.failures.append(line["ending"])
        self._pending.extend(recorded)

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
        key = self._keys.key(request)
        line = self._next(kind, key)
        if line and line["kind"].endswith(REFUSED):
            self._replayed(request)
            raise _refusal(line["answer"], refusals)
        if line and usable(line["answer"]):
            self._replayed(request)
            return line["answer"], True
        self._pending.clear()
        self._assert_going_on()
        try:
            answer = json.loads(json.dumps(perform()))
        except tuple(refusals) as error:
            self._record(kind + REFUSED, key, request, {"error": type(error).__name__, "why": str(error)})
            raise
        self._record(kind, key, request, answer)
        return answer, False

    def redo(
        self,
        kind: str,
        request: Mapping[str, Any],
        perform: Callable[[Json | None], Mapping[str, Any]],
        differs: Callable[[Json, Json], str],
    ) -> tuple[Json, bool]:
        """Do a step whose effect does not outlive its process, recorded or not; return its answer as ``step`` does.

        ``perform`` is given the recorded answer, if there is one. While the new one does not differ (an empty text)
        the recorded one stands; from the first that does the record is cut, and that step is a new one. A trajectory
        that is over is replayed without.
        """
        key = self._keys.key(request)
        line = self._next(kind, key)
        if line and self.ending is not None:
            self._replayed(request)
            return line["answer"], True
        self._assert_going_on()
        answer = json.loads(json.dumps(perform(line["answer"] if line else None)))
        why = differs(line["answer"], answer) if line else ""
        if line and not why:
            self._replayed(request)
            return line["answer"], True
        if line:
            self._cut(why)
        self._record(kind, key, request, answer)
        return answer, False

    @property
    def replaying(self) -> bool:
        """The record goes on with some step."""
        return bool(self._pending)

    def due(self, kind: str) -> bool:
        """Tell whether the record goes on with a step of this kind."""
        return bool(self._pending) and self._pending[0]["kind"] == kind

    @property
    def goes_on(self) -> bool:
        """Tell whether there are recorded steps that are yet to be replayed."""
        return bool(self._pending)

    def _next(self, kind: str, key: str) -> Json | None:
        """Return the recorded step that stands at this place, if any; JournalMismatch if it is another one."""
        line = self._pending[0] if self._pending else None
        if line and (line["kind"].removesuffix(REFUSED), line["key"]) != (kind, key):
            raise JournalMismatch(
                f"{self.path}, step {self._position}: the record holds another {line['kind']} request; "
                "use --redo-existing to do it again."
            )
        return line

    def _replayed(self, request: Mapping[str, Any]) -> None:
        self._pending.popleft()
        self._position += 1
        self._told.delta(request)

    def _assert_going_on(self) -> None:
        if self.ending is not None:
            raise JournalEnded(self.ending)

    def _cut(self, why: str) -> None:
        """Cut the record at this place: what follows was built on what is no more so."""
        paid = [line["answer"] for line in self._pending if line["kind"] == "model"]
        unused = [{name: answer[name] for name in _PAID} for answer in paid]
        steps = len(self._pending)
        self._pending.clear()
        self._file.append({CUT: self._position, "why": why, "steps": steps, "unused": unused})
        self.unused += unused
        _log.warning(
            "%s: step %d came out otherwise than on record (%s): the %d steps from there on are done anew, %d answers "
            "of the model among them",
            self.path.stem,
            self._position,
            why,
            steps,
            len(unused),
        )

    def waste(self, usage: Json, cost: float | None) -> None:
        """Put on record what a call cost that came to nothing in the end: it was paid for all the same."""
        unused = [{"usage": usage, "cost": cost, "latency": 0.0}]
        self._file.append({WASTED: self._position, "unused": unused})
        self.unused += unused

    def _record(self, kind: str, key: str, request: Mapping[str, Any], answer: Json) -> None:
        self._file.append(
            {"step": self._position, "kind": kind, "key": key, "request": self._told.delta(request), "answer": answer}
        )
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


def _refusal(answer: Json, refusals: Sequence[type[Exception]]) -> Exception:
    known = {kind.__name__: kind for kind in refusals}
    if answer["error"] not in known:
        raise JournalMismatch(f"the record holds a refusal of another kind, {answer['error']}: use --redo-existing")
    return known[answer["error"]](answer["why"])


def read_journal(path: Path) -> list[Json]:
    """Return the lines of a record (header, steps, endings, cuts); a torn last line is left out, a step that was
    done again stands in its last form, and what was cut off is told by its cut alone. DataError for what is no record.
    """
    lines = read_lines(path)
    begun = bool(lines) or not path.exists() or b"\n" not in read_regular(path, at_most=RECORD_BYTES)
    if not begun or not all(_numbered(line) for line in lines):
        raise DataError(f"{path} is no record of a trajectory: move it away")
    last = {line["step"]: number for number, line in enumerate(lines) if "step" in line}
    off: set[int] = set()
    for number, line in enumerate(lines):
        if CUT in line:
            off |= {before for before in range(number) if lines[before].get("step", -1) >= line[CUT]}
    return [
        line for number, line in enumerate(lines) if number not in off and last.get(line.get("step"), number) == number
    ]


def _numbered(line: Json) -> bool:
    return all(isinstance(line.get(key, 0), int) for key in ("step", CUT))


def paid(line: Mapping[str, Any]) -> list[Json]:
    """Return the answers of the model that a line tells of, used or cut off: usage, cost, latency and what more."""
    return [line["answer"]] if line.get("kind") == "model" else list(line.get("unused", ()))


def said(line: Mapping[str, Any]) -> str:
    """Return what the model said in a recorded step, its first choice; empty where there is none."""
    return next((str(choice["content"]) for choice in line["answer"]["choices"]), "")
