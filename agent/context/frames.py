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

LEAST_BUDGET = 2000
"""Tokens from which on frames are shown: a smaller context has no room for more than definitions."""
_FEW_TOKENS, _SHARE_OF_FEW, _SHARE = 8000, 0.1, 0.15
_STATEMENT_LINES, _DOCSTRING_LINES, _FILE_LINES = 12, 15, 120
_NAMED_LINES = 400
_LEAST_PART = 16
"""Tokens below which nothing of a file is worth its fence."""
_DEFINITIONS = {"function_definition", "class_definition", "decorated_definition"}
_IMPORTS = ("import_", "future_import_")


def frames_share(budget: int) -> float:
    """Return the part of a budget that is kept for frames: in a small one the imports of the first files, no more."""
    if budget < LEAST_BUDGET:
        return 0.0
    return _SHARE_OF_FEW if budget < _FEW_TOKENS else _SHARE


def frames(
    statement: str, bodies: Sequence[Symbol], files: Mapping[str, bytes], room: int, count: Callable[[str], int]
) -> str:
    """Return the frames of the files of ``bodies``, the most relevant first, and the other files that an issue names.

    What does not fit into ``room`` tokens is left out.
    """
    title = "Around these definitions (lines left out are marked by ...):\n\n"
    text, left = "", room - count(title)
    for part in _parts(statement, bodies, files):
        for shape in part.shapes:
            cost = count(shape.text) if len(shape.text) < 8 * left else left + 1
            if cost <= left:
                text, left = text + shape.text, left - cost
                break
        if left < _LEAST_PART:
            break
    return title + text if text else ""


def framed_lines(
    text: str, statement: str, bodies: Sequence[Symbol], files: Mapping[str, bytes]
) -> Iterator[tuple[str, int]]:
    """Yield path and number, from 1, of each line that the frames in a context's ``text`` show; for measuring."""
    for part in _parts(statement, bodies, files):
        if shape := next((one for one in part.shapes if one.text in text), None):
            yield from ((part.path, number + 1) for number in shape.numbers)


@dataclass(frozen=True)
class _Shape:
    """Some lines of a file."""

    text: str
    numbers: Sequence[int]
    """The lines, from 0."""


@dataclass(frozen=True)
class _Part:
    """What is shown of a file: the first of the shapes that fits."""

    path: str
    shapes: Sequence[_Shape]


def _parts(statement: str, bodies: Sequence[Symbol], files: Mapping[str, bytes]) -> Iterator[_Part]:
    """Yield the best file's part, the files that the issue names, then the other files' parts."""
    by_file: dict[str, list[Symbol]] = {}
    for symbol in bodies:
        by_file.setdefault(symbol.path, []).append(symbol)
    parts = (_around(path, files[path], own) for path, own in by_file.items())
    yield from itertools.islice(parts, 1)
    for path in named_files(statement, files):
        if head := _head(files[path]):
            shape = _Shape(_fenced(path, head), range(min(head.count("\n") + 1, _NAMED_LINES)))
            yield _Part(path, (shape,))
    yield from parts


def _around(path: str, raw: bytes, own: Sequence[Symbol]) -> _Part:
    """Return what of a file stands around some of its symbols and within no definition; at least its imports."""
    lines = shown(raw).split("\n")
    inside = {number for symbol in own for number in range(symbol.line - 1, symbol.last_line)}
    spans = _module(raw)
    shapes = []
    for chosen in (_chosen(spans, own), ((one.first, one.shown) for one in spans if one.imports)):
        free = {number for first, last in chosen for number in range(first, last + 1) if number not in inside}
        numbers = _with_blanks(sorted(free)[:_FILE_LINES], lines)
        if any(lines[number].strip() for number in numbers):
            shapes.append(_Shape(_fenced(path, _drawn(lines, numbers)), numbers))
    return _Part(path, shapes)


def _with_blanks(numbers: Sequence[int], lines: Sequence[str]) -> list[int]:
    """Add the lines between two where all of them are blank: who quotes both must quote these too."""
    whole = list(numbers[:1])
    for before, number in itertools.pairwise(numbers):
        between = range(before + 1, number)
        whole += [] if any(lines[one].strip() for one in between) else between
        whole.append(number)
    return whole


def _drawn(lines: Sequence[str], numbers: Sequence[int]) -> str:
    """Return lines of a file, with ``...`` for what is left out between them."""
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
    imports: bool = False
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
        if node.type.startswith(_IMPORTS):
            yield _Span(first, last, last, imports=True)
        elif node.type not in _DEFINITIONS:
            string = node.type == "expression_statement" and node.named_children[0].type == "string"
            yield _Span(first, last, min(last, first + (_DOCSTRING_LINES if string else _STATEMENT_LINES) - 1))
        elif inner.type == "class_definition" and body is not None:
            yield _Span(first, last, body.start_point[0] - 1, inside=tuple(_spans(body.named_children)))


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
    head = "\n".join(lines[:_NAMED_LINES]) + ("\n..." if len(lines) > _NAMED_LINES else "")
    return head if head.strip() else ""


def _fenced(path: str, text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{path}\n{fence}\n{text}\n{fence}\n\n"
