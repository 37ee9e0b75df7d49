"""What stands around the definitions that are shown: imports, module-level code, heads of classes, named other files.

An edit must quote the lines that it changes, and many need an import or a class attribute beside the method.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from tree_sitter import Node

from agent.context.mentions import named_files
from agent.context.source import shown
from agent.context.symbols import Symbol, parse

LEAST_BUDGET = 8000
"""Tokens from which on frames are shown: a smaller context has no room for more than definitions."""
SHARE = 0.2
"""Part of the budget that frames may take."""
_STATEMENT_LINES, _DOCSTRING_LINES, _FILE_LINES = 12, 15, 120
_NAMED_LINES = 400
_LEAST_PART = 16
"""Tokens below which nothing of a file is worth its fence."""
_DEFINITIONS = {"function_definition", "class_definition", "decorated_definition"}


def frames(
    statement: str, bodies: Sequence[Symbol], files: Mapping[str, bytes], room: int, count: Callable[[str], int]
) -> str:
    """Return the frames of the files of ``bodies``, the most relevant first, and the other files that an issue names.

    What does not fit into ``room`` tokens is left out.
    """
    text, left = "", room
    for part in _parts(statement, bodies, files):
        cost = count(part.text) if len(part.text) < 8 * left else left + 1
        if part.text and cost <= left:
            text, left = text + part.text, left - cost
        if left < _LEAST_PART:
            break
    return f"Around these definitions (lines left out are marked by ...):\n\n{text}" if text else ""


def framed_lines(
    text: str, statement: str, bodies: Sequence[Symbol], files: Mapping[str, bytes]
) -> Iterator[tuple[str, int]]:
    """Yield path and number, from 1, of each line that the frames in a context's ``text`` show; for measuring."""
    for part in _parts(statement, bodies, files):
        if part.text and part.text in text:
            yield from ((part.path, number + 1) for number in part.numbers)


@dataclass(frozen=True)
class _Part:
    """What is shown of a file."""

    path: str
    text: str
    numbers: Sequence[int]
    """Its lines, from 0."""


def _parts(statement: str, bodies: Sequence[Symbol], files: Mapping[str, bytes]) -> Iterator[_Part]:
    """Yield the best file's part, the files that the issue names, then the other files' parts."""
    by_file: dict[str, list[Symbol]] = {}
    for symbol in bodies:
        by_file.setdefault(symbol.path, []).append(symbol)
    parts = (_around(path, files[path], own) for path, own in by_file.items())
    yield from itertools.islice(parts, 1)
    for path in named_files(statement, files):
        head = _head(files[path])
        yield _Part(path, _fenced(path, head), range(min(head.count("\n") + 1, _NAMED_LINES)))
    yield from parts


def _around(path: str, raw: bytes, own: Sequence[Symbol]) -> _Part:
    """Return the lines of a file that stand around some of its symbols: neither these nor other definitions."""
    inside = {number for symbol in own for number in range(symbol.line - 1, symbol.last_line)}
    chosen = {n for first, last in _chosen(_module(raw), own) for n in range(first, last + 1) if n not in inside}
    numbers = sorted(chosen)[:_FILE_LINES]
    return _Part(path, _fenced(path, _drawn(raw, numbers)), numbers)


def _drawn(raw: bytes, numbers: Sequence[int]) -> str:
    """Return lines of a file, with ``...`` for what is left out between them."""
    lines = shown(raw).split("\n")
    told: list[str] = []
    before = -1
    for number in numbers:
        if any(line.strip() for line in lines[before + 1 : number]):
            told.append("...")
        told.append(lines[number])
        before = number
    return "\n".join(told)


class _Span(NamedTuple):
    """A statement, or a class; lines from 0."""

    first: int
    last: int
    shown: int
    """The last line that is shown of a statement, or of a class's head."""
    inside: tuple[_Span, ...] | None = None
    """What stands in a class; None: a statement."""


@lru_cache(maxsize=512)
def _module(raw: bytes) -> tuple[_Span, ...]:
    """Return what stands in a file beside functions; contexts of several sizes ask for the same files."""
    return tuple(_spans(parse(shown(raw).encode()).named_children))


def _spans(nodes: Iterable[Node]) -> Iterator[_Span]:
    for node in nodes:
        first, last = node.start_point[0], node.end_point[0]
        inner = node.child_by_field_name("definition") or node
        body = inner.child_by_field_name("body")
        if node.type not in _DEFINITIONS:
            yield _Span(first, last, min(last, first + _most_lines(node, last - first + 1) - 1))
        elif inner.type == "class_definition" and body is not None:
            yield _Span(first, last, body.start_point[0] - 1, tuple(_spans(body.named_children)))


def _most_lines(node: Node, lines: int) -> int:
    """Return how many lines of a statement are shown: imports whole, of others the first."""
    if node.type.startswith(("import", "future_import")):
        return lines
    string = node.type == "expression_statement" and node.named_children[0].type == "string"
    return _DOCSTRING_LINES if string else _STATEMENT_LINES


def _chosen(spans: Iterable[_Span], own: Sequence[Symbol]) -> Iterator[tuple[int, int]]:
    """Yield first and last line of statements, and of the heads of classes that hold some of the symbols."""
    for span in spans:
        if span.inside is None:
            yield span.first, span.shown
        elif any(span.first < one.line - 1 <= span.last for one in own):
            yield span.first, span.shown
            yield from _chosen(span.inside, own)


def _head(raw: bytes) -> str:
    lines = shown(raw).split("\n")
    return "\n".join(lines[:_NAMED_LINES]) + ("\n..." if len(lines) > _NAMED_LINES else "")


def _fenced(path: str, text: str) -> str:
    if not text.strip():
        return ""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{path}\n{fence}\n{text}\n{fence}\n\n"
