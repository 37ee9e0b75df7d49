"""Turns a tracer's record into traces: code objects become the functions of the tree's own source."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache

from agent.context.symbols import Symbol, symbols_of
from agent.context.traces.record import Code, Entered, Part, Recorded
from agent.context.traces.trace import Call, ExecutedFunction, Failure, Frame, Phase, Trace
from environments.workbench.outcome import Outcome

Read = Callable[[str], bytes | None]
"""Gives a file of the tree by its path; None where there is none."""

_OUTCOMES = {"passed": Outcome.PASS, "failed": Outcome.FAIL, "error": Outcome.ERROR}


@dataclass
class _Merged:
    """A function of the source while the code objects that belong to it (its comprehensions too) come together."""

    path: str
    name: str
    line: int
    process: int
    entered: Entered
    phase: Phase
    lines: dict[int, None] = field(default_factory=dict)


class Names:
    """Says which function of the source a code object is, from the tree's files."""

    def __init__(self, read: Read) -> None:
        self._functions = cache(lambda path: _functions(path, read(path)))

    def of(self, code: Code) -> tuple[str, int] | None:
        """Return a code object's qualified name and first line; None where the tree has no such file."""
        functions = self._functions(code.path)
        if functions is None:
            return None
        if code.module:
            return "<module>", 1
        around = [one for one in functions if one.line <= code.line <= one.last_line]
        if not around:
            return "<module>", 1
        innermost = min(around, key=lambda one: one.last_line - one.line)
        return innermost.name, innermost.line


def traces_of(recorded: Recorded, names: Names, *, seconds: float) -> list[Trace]:
    """Return a trace for each part of a record: the first is of what ran outside of any test."""
    return [
        Trace(
            test=part.test,
            outcome=_OUTCOMES.get(part.outcome, Outcome.MISSING),
            functions=tuple(_executed(recorded, part, names)),
            failure=_failure(part),
            seconds=seconds,
            python=recorded.python,
            remarks=tuple(recorded.remarks),
        )
        for part in recorded.parts
        if not part.of_child
    ]


def one_trace(recorded: Recorded, names: Names, test: str, outcome: Outcome, *, seconds: float) -> Trace:
    """Return one trace of a whole record: of its failing tests where it tells of any, else of all that ran."""
    failing = [part for part in recorded.parts if part.outcome in ("failed", "error")]
    whole = Part(test=test)
    children = [part for part in recorded.parts if part.of_child]
    for part in [*failing, *children] if failing else recorded.parts:
        for key, entered in part.case.items():
            known = whole.case.setdefault(key, Entered(entered.caller, entered.depth, calls=0))
            known.lines += entered.lines
            known.calls += entered.calls
            known.examples = (known.examples + entered.examples)[:2]
        whole.failure = part.failure or whole.failure
    trace = traces_of(Recorded(recorded.codes, recorded.imported, [whole], recorded.python), names, seconds=seconds)[0]
    return trace.model_copy(update={"outcome": outcome, "remarks": tuple(recorded.remarks)})


def _executed(recorded: Recorded, part: Part, names: Names) -> Iterable[ExecutedFunction]:
    """Return the functions that a part executed, then those that ran only at imports."""
    found: dict[str, _Merged] = {}
    places: dict[tuple[int, int], str] = {}
    sources: tuple[tuple[Phase, dict[tuple[int, int], Entered]], ...]
    sources = (("case", part.case), ("import", recorded.imported))
    for phase, entries in sources:
        for key, entered in entries.items():
            code = recorded.codes[key]
            place = names.of(code)
            if place is None:
                continue
            name, line = place
            one = found.setdefault(f"{code.path}::{name}", _Merged(code.path, name, line, key[0], entered, phase))
            places.setdefault(key, f"{code.path}::{name}")
            if one.phase == phase:
                one.lines.update(dict.fromkeys(entered.lines))
    order = {id: index for index, id in enumerate(found)}
    return [_function(one, _caller(one, id, places, order)) for id, one in found.items()]


def _caller(one: _Merged, own: str, places: dict[tuple[int, int], str], order: dict[str, int]) -> int:
    """Return the index of the function that called this one first."""
    caller = places.get((one.process, one.entered.caller))
    return order[caller] if caller is not None and caller != own else -1


def _function(one: _Merged, caller: int) -> ExecutedFunction:
    return ExecutedFunction(
        path=one.path,
        name=one.name,
        line=one.line,
        lines=tuple(one.lines),
        phase=one.phase,
        calls=max(1, one.entered.calls),
        depth=one.entered.depth,
        caller=caller,
        examples=tuple(
            Call(arguments=arguments, returned=result, raised=raised)
            for arguments, result, raised in one.entered.examples
        ),
    )


def _failure(part: Part) -> Failure | None:
    if part.failure is None:
        return None
    kind, message, frames = part.failure
    told = tuple(Frame(path=path, line=line, function=name, variables=own) for path, line, name, own in frames)
    return Failure(exception=kind, message=message, frames=told)


def _functions(path: str, raw: bytes | None) -> list[Symbol] | None:
    return None if raw is None else [one for one in symbols_of(path, raw) if one.kind != "variable"]
