"""Reads what the tracer wrote in a sandbox: hostile, so every list and text of it is checked and bounded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from environments.bounded import json_value
from environments.text import one_line

MOST_BYTES = 8 << 20
"""What is read of a record; the rest is left, and said."""
MOST_TESTS = 400
MOST_FUNCTIONS = 20_000
_MOST_NUMBER = 1 << 31
_LONGEST = 400


@dataclass
class Code:
    """A code object."""

    path: str
    name: str
    line: int
    module: bool


@dataclass
class Entered:
    """What is known of a code object in one phase of one part of the record."""

    caller: int
    depth: int
    lines: list[int] = field(default_factory=list)
    calls: int = 1
    examples: list[tuple[dict[str, str], str | None, str | None]] = field(default_factory=list)


@dataclass
class Part:
    """What one test executed, or (the first) all that was executed outside of any."""

    test: str = ""
    of_child: bool = False
    """It is a further process's, of whichever test."""
    outcome: str = ""
    case: dict[tuple[int, int], Entered] = field(default_factory=dict)
    """(Process, number of the code object) -> what is known, in the order of first execution."""
    failure: tuple[str, str, list[tuple[str, int, str, dict[str, str]]]] | None = None


@dataclass
class Recorded:
    """A whole record."""

    codes: dict[tuple[int, int], Code] = field(default_factory=dict)
    imported: dict[tuple[int, int], Entered] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=lambda: [Part()])
    python: str = ""
    remarks: list[str] = field(default_factory=list)


class _Odd(ValueError):
    """A line that no tracer writes."""


def read_record(content: bytes) -> Recorded:
    """Read a record; lines that no tracer writes are counted and left out, and so is a last one that is cut."""
    found, odd, process = Recorded(), 0, 0
    for line in content[:MOST_BYTES].split(b"\n"):
        if not line.strip():
            continue
        try:
            record = _parsed(line)
            if record[0] == "begun":
                process += 1
                if process > 1:
                    found.parts.append(Part(of_child=True))
            _take(found, process, record)
        except _Odd:
            odd += 1
    if len(content) >= MOST_BYTES:
        found.remarks.append(f"the record is longer than {MOST_BYTES} bytes")
    if odd:
        found.remarks.append(f"{odd} lines of the record could not be read")
    return found


def _parsed(line: bytes) -> list[Any]:
    try:
        record = json_value(line)
    except ValueError as error:
        raise _Odd from error
    if not isinstance(record, list) or not record or not isinstance(record[0], str):
        raise _Odd
    return record


def _take(found: Recorded, process: int, record: list[Any]) -> None:
    part = found.parts[-1]
    match record:
        case ["begun", str(python), _]:
            found.python = _text(python)
        case ["code", number, str(path), str(name), line, bool(module)] if len(found.codes) < MOST_FUNCTIONS:
            found.codes[process, _number(number)] = Code(path[:_LONGEST], name[:_LONGEST], _number(line), module)
        case ["enter", number, phase, caller, depth] if (process, _number(number)) in found.codes:
            entered = found.imported if _number(phase) == 0 else part.case
            entered.setdefault((process, number), Entered(_number(caller, -1), _number(depth)))
        case ["line", number, phase, line]:
            where = (found.imported if _number(phase) == 0 else part.case).get((process, _number(number)))
            if where is not None and len(where.lines) < MOST_FUNCTIONS:
                where.lines.append(_number(line))
        case ["value", number, dict(arguments), result, raised]:
            where = part.case.get((process, _number(number)))
            if where is not None and len(where.examples) < 4:
                where.examples.append((_texts(arguments), _optional(result), _optional(raised)))
        case ["failure", str(kind), str(message), list(frames)]:
            part.failure = _text(kind), _text(message), list(_frames(frames))
        case ["count", number, calls]:
            where = part.case.get((process, _number(number)))
            if where is not None:
                where.calls = _number(calls)
        case ["test", str(name)] if len(found.parts) <= MOST_TESTS:
            found.parts.append(Part(test=name[:_LONGEST]))
        case ["outcome", str(name), str(outcome)]:
            for told in reversed(found.parts):
                if told.test == name[:_LONGEST]:
                    told.outcome = told.outcome if told.outcome in ("failed", "error") else _text(outcome)
                    break
        case ["cut", str(why)]:
            found.remarks.append(f"cut: {_text(why)}")
        case _:
            raise _Odd


def _frames(frames: list[Any]) -> Iterator[tuple[str, int, str, dict[str, str]]]:
    for frame in frames[:20]:
        match frame:
            case [str(path), line, str(function), dict(variables)]:
                yield path[:_LONGEST], _number(line), _text(function), _texts(variables)


def _number(value: Any, least: int = 0) -> int:
    if type(value) is bool:
        return int(value)
    if type(value) is not int or not least <= value < _MOST_NUMBER:
        raise _Odd
    return value


def _text(value: str) -> str:
    return one_line(value, _LONGEST)


def _optional(value: Any) -> str | None:
    return _text(value) if isinstance(value, str) else None


def _texts(values: dict[Any, Any]) -> dict[str, str]:
    pairs = [(name, value) for name, value in values.items() if isinstance(value, str)][:20]
    return {_text(name): _text(value) for name, value in pairs}
