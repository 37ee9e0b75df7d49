"""What stands around the definitions that are shown: imports, module-level code, heads of classes, named other files.

An edit must quote the lines that it changes, and many need an import or a class attribute beside the method.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

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


def _parts(statement: str, bodies: Sequence[Symbol], files: Mapping[str, bytes]) -> list[_Part]:
    by_file: dict[str, list[Symbol]] = {}
    for symbol in bodies:
        by_file.setdefault(symbol.path, []).append(symbol)
    parts = []
    for path, own in by_file.items():
        numbers = _numbers(files[path], own)
        parts.append(_Part(path, _fenced(path, _drawn(files[path], numbers)), numbers))
    heads = [(path, _head(files[path])) for path in named_files(statement, files)]
    parts[1:1] = [
        _Part(path, _fenced(path, head), range(min(head.count("\n") + 1, _NAMED_LINES))) for path, head in heads
    ]
    return parts


def frame_of(raw: bytes, own: Sequence[Symbol]) -> str:
    """Return the lines of a file that stand around some of its symbols: neither these nor other definitions."""
    return _drawn(raw, _numbers(raw, own))


def _numbers(raw: bytes, own: Sequence[Symbol]) -> list[int]:
    inside = {number for symbol in own for number in range(symbol.line - 1, symbol.last_line)}
    chosen: set[int] = set()
    for first, last in _spans(parse(shown(raw).encode()), own):
        chosen.update(number for number in range(first, last + 1) if number not in inside)
    return sorted(chosen)[:_FILE_LINES]


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


def _spans(root: Node, own: Sequence[Symbol]) -> Iterator[tuple[int, int]]:
    """Yield first and last line, from 0, of imports, module-level statements, heads of classes around symbols."""
    for node in root.named_children:
        if node.type not in _DEFINITIONS:
            first, last = node.start_point[0], node.end_point[0]
            whole = node.type.startswith(("import", "future_import"))
            yield first, last if whole else min(last, first + _STATEMENT_LINES - 1)
        else:
            yield from _class_heads(node, own)


def _class_heads(node: Node, own: Sequence[Symbol]) -> Iterator[tuple[int, int]]:
    inner = node.child_by_field_name("definition") or node
    body = inner.child_by_field_name("body")
    first, last = node.start_point[0], node.end_point[0]
    within = [one for one in own if first <= one.line - 1 <= last and one.line - 1 > first]
    if inner.type != "class_definition" or body is None or not within:
        return
    yield first, body.start_point[0] - 1
    for child in body.named_children:
        if child.type in _DEFINITIONS:
            yield from _class_heads(child, own)
        else:
            start = child.start_point[0]
            string = child.type == "expression_statement" and child.named_children[0].type == "string"
            yield start, min(child.end_point[0], start + (_DOCSTRING_LINES if string else _STATEMENT_LINES) - 1)


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
