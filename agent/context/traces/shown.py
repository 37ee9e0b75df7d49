"""What a context shows of an execution: calls with their values, and parts of functions too long to be shown whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from agent.context.symbols import Symbol
from agent.context.traces.task_traces import TaskTraces
from agent.context.traces.trace import ExecutedFunction, Failure

Count = Callable[[str], int]

CALLS_SHARE, PARTS_SHARE, PART_SHARE = 0.15, 0.6, 0.25
"""Parts of the budget that the calls may take, all parts of long functions, and one of them."""
MOST_CALLS, MOST_PARTS = 8, 4
_LONGEST_CALL = 300
_CALLS = "What the failing example ran (first calls, and what came of them):\n\n"
_PARTS = "Of functions that it ran and that are too long, the lines that ran (others are marked by ...):\n\n"


@dataclass(frozen=True)
class Part:
    """Some lines of a function."""

    symbol: Symbol
    lines: tuple[int, ...]
    text: str


@dataclass(frozen=True)
class Seen:
    """What is shown of an execution before the definitions."""

    text: str = ""
    parts: Mapping[str, Part] = field(default_factory=dict)
    """By the functions' ids: of these no more is shown."""

    @classmethod
    def of(cls, traces: TaskTraces, symbols: Iterable[Symbol], budget: int, count: Count) -> Self:
        """Choose it for a context of ``budget`` tokens; ``symbols``: the tree's."""
        calls = calls_text(traces, int(budget * CALLS_SHARE), count)
        parts = parts_of(traces, symbols, budget, count)
        text = "\n".join(text for text in (calls, parts_text(parts)) if text)
        return cls(text, {part.symbol.id: part for part in parts})


def calls_text(traces: TaskTraces, room: int, count: Count) -> str:
    """Return the first calls of the most suspicious functions and the failure, a line each; empty without any."""
    text = ""
    for line in [*_failure(traces), *_calls(traces)]:
        if count(_CALLS + text + line) > room:
            break
        text += line
    return _CALLS + text if text else ""


def parts_of(traces: TaskTraces, symbols: Iterable[Symbol], budget: int, count: Count) -> list[Part]:
    """Return parts of the most suspicious functions that are too long for the budget; ``symbols``: the tree's."""
    known = {symbol.id: symbol for symbol in symbols if symbol.kind in ("function", "method")}
    order = _lines(traces)
    left, parts = int(budget * PARTS_SHARE), list[Part]()
    for function, _ in traces.functions()[: 2 * MOST_PARTS]:
        symbol = known.get(function.id)
        if symbol is None or len(parts) == MOST_PARTS or count(symbol.source) <= budget * PART_SHARE:
            continue
        part = excerpt(symbol, order.get(symbol.id, function.lines), min(left, int(budget * PART_SHARE)), count)
        if part is not None:
            left -= count(part.text)
            parts.append(part)
    return parts


def parts_text(parts: Sequence[Part]) -> str:
    """Show the parts."""
    return _PARTS + "\n".join(part.text for part in parts) if parts else ""


def excerpt(symbol: Symbol, order: Iterable[int], room: int, count: Count) -> Part | None:
    """Return a function's head and as many lines of it as fit, the first of ``order`` first; None without any."""
    source = symbol.source.split("\n")
    first, last = symbol.line, symbol.last_line
    left = room - count(f"{symbol.id}\n```python\n```\n")
    taken: set[int] = set()
    for number in [*_head(symbol, source), *order]:
        for near in (number, number - 1, number + 1):
            if first <= near <= last and near not in taken and source[near - first].strip():
                cost = count(source[near - first] + "\n") + 2
                if cost > left:
                    return _part(symbol, source, taken)
                taken.add(near)
                left -= cost
    return _part(symbol, source, taken)


def _part(symbol: Symbol, source: Sequence[str], taken: set[int]) -> Part | None:
    if len(taken) < 3:
        return None
    fence = "```"
    while fence in symbol.source:
        fence += "`"
    text = "\n".join(_drawn(symbol, source, sorted(taken)))
    return Part(symbol, tuple(sorted(taken)), f"{symbol.id}\n{fence}python\n{text}\n{fence}\n")


def _drawn(symbol: Symbol, source: Sequence[str], numbers: Sequence[int]) -> Iterator[str]:
    before = symbol.line - 1
    for number in numbers:
        line = source[number - symbol.line]
        if any(skipped.strip() for skipped in source[before + 1 - symbol.line : number - symbol.line]):
            yield line[: len(line) - len(line.lstrip())] + "..."
        yield line
        before = number
    if before < symbol.last_line:
        yield "    ..."


def _head(symbol: Symbol, source: Sequence[str]) -> Iterator[int]:
    """Yield the lines of a function's head: decorators, name and parameters."""
    for number, line in enumerate(source[:12], symbol.line):
        yield number
        if line.rstrip().endswith(":"):
            return


def _lines(traces: TaskTraces) -> Mapping[str, list[int]]:
    """Return function -> its lines that ran, the most suspicious first."""
    found: dict[str, list[int]] = {}
    for suspect in traces.suspects():
        found.setdefault(suspect.id, []).append(suspect.line)
    return found


def _calls(traces: TaskTraces) -> Iterator[str]:
    for function, _ in traces.functions()[:MOST_CALLS]:
        if function.examples:
            yield _call(function)


def _call(function: ExecutedFunction) -> str:
    told = function.examples[0].text
    return f"{function.id}{told if len(told) <= _LONGEST_CALL else told[:_LONGEST_CALL] + '...'}\n"


def _failure(traces: TaskTraces) -> Iterator[str]:
    failure: Failure | None = traces.failing[0].failure if traces.failing else None
    if failure is None:
        return
    inside = [frame for frame in failure.frames if not frame.path.startswith("/")]
    where = f" at {inside[-1].path}:{inside[-1].line} in {inside[-1].function}" if inside else ""
    yield f"{failure.exception}({failure.message[:_LONGEST_CALL]}){where}\n"
