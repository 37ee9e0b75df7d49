"""The symbols of a Python file: functions, methods, classes and the names a module or class assigns."""

from __future__ import annotations

from typing import Literal

import tree_sitter_python
from pydantic import BaseModel, ConfigDict
from tree_sitter import Language, Node, Parser

from agent.context.source import SourceText

PYTHON = Language(tree_sitter_python.language())

SCORE_SPAN = 12.0
"""How far below the best (score 1) the logarithm of a symbol's likelihood lies whose score is 0."""

SymbolKind = Literal["function", "method", "class", "variable"]


class Symbol(BaseModel):
    """A definition in a file, as whole lines."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    name: str
    """Qualified name, ``Class.method``; the second definition of the same name is ``name#2``."""
    kind: SymbolKind
    start: int
    """Offset of its first line (decorators included) in the file's text as UTF-8, in bytes."""
    end: int
    """Offset after its last byte, line end excluded."""
    line: int
    """Its first line, from 1."""
    source: str
    """Its lines with plain line feeds and the file's own indentation."""
    signature: str
    """Decorators apart, its head on one line: ``def f(x, y=1) -> int``, ``class A(B)``, ``X``."""
    header: str
    """What its source starts with up to the defined name: indentation, decorators, ``def name``."""
    score: float = 0.0
    """Relevance to the issue, in logarithms (see ``SCORE_SPAN``); 0 until ranked."""

    @property
    def id(self) -> str:
        """``path::Class.method``."""
        return f"{self.path}::{self.name}"

    @property
    def last_name(self) -> str:
        """The defined name alone."""
        return self.name.rsplit(".", 1)[-1].partition("#")[0]

    @property
    def last_line(self) -> int:
        """Its last line, from 1."""
        return self.line + self.source.count("\n")

    def encloses(self, other: Symbol) -> bool:
        """Tell whether the other symbol lies inside this one."""
        return self.path == other.path and self.start <= other.start and other.end <= self.end and self.id != other.id


def parse(data: bytes) -> Node:
    """Return the root of the syntax tree of UTF-8 source."""
    return Parser(PYTHON).parse(data).root_node


def symbols_of(path: str, raw: bytes) -> tuple[Symbol, ...]:
    """Return a file's symbols in source order. A file with syntax errors yields those that still stand."""
    data = SourceText.of(raw).text.encode()
    return tuple(symbol for symbol, _ in definitions(path, data, parse(data)))


def definitions(path: str, data: bytes, root: Node) -> list[tuple[Symbol, Node | None]]:
    """Return the symbols of a file's text as UTF-8, in source order, each with the body of its function or class."""
    counts: dict[str, int] = {}
    found: list[tuple[Symbol, Node | None]] = []
    stack: list[tuple[Node, str, str]] = [(root, "", "module")]
    while stack:
        node, scope, container = stack.pop()
        definition = _definition(node, container)
        if definition is None:
            stack.extend((child, scope, container) for child in reversed(node.named_children) if _holds_code(child))
            continue
        kind, name_node, body = definition
        plain = f"{scope}.{_text(data, name_node)}".lstrip(".")
        counts[plain] = counts.get(plain, 0) + 1
        name = plain if counts[plain] == 1 else f"{plain}#{counts[plain]}"
        symbol = _symbol(path, data, node, kind, name, name_node, body)
        if symbol is not None:
            found.append((symbol, body))
        if body is not None:
            stack.append((body, name, "class" if kind == "class" else "function"))
    return found


def _holds_code(node: Node) -> bool:
    """Tell whether a node may hold statements: blocks, clauses, compound statements, what stands around an error."""
    return node.type.endswith(("statement", "clause", "definition")) or node.type in {"block", "ERROR", "case_block"}


def _definition(node: Node, container: str) -> tuple[SymbolKind, Node, Node | None] | None:
    """Return a definition's kind, its name node and its body, or None where the node defines nothing."""
    inner = (node.child_by_field_name("definition") or node) if node.type == "decorated_definition" else node
    name, body = inner.child_by_field_name("name"), inner.child_by_field_name("body")
    if inner.type == "class_definition" and name is not None:
        return "class", name, body
    if inner.type == "function_definition" and name is not None:
        return "method" if container == "class" else "function", name, body
    if node.type == "expression_statement" and container != "function" and node.named_children:
        assignment = node.named_children[0]
        target = assignment.child_by_field_name("left") if assignment.type == "assignment" else None
        valued = assignment.child_by_field_name("right") is not None
        if target is not None and target.type == "identifier" and valued:
            return "variable", target, None
    return None


def _symbol(
    path: str, data: bytes, node: Node, kind: SymbolKind, name: str, name_node: Node, body: Node | None
) -> Symbol | None:
    """Return the symbol as whole lines, or None where it shares a line with other code."""
    line_start = data.rfind(b"\n", 0, node.start_byte) + 1
    line_end = data.find(b"\n", node.end_byte)
    line_end = len(data) if line_end < 0 else line_end
    before = data[line_start : node.start_byte].removeprefix(b"\xef\xbb\xbf")
    rest = data[node.end_byte : line_end].strip()
    if before.strip() or (rest and not rest.startswith(b"#")):
        return None
    start = node.start_byte - len(before)
    end = start + len(data[start : line_end if rest else node.end_byte].rstrip())
    inner = node.child_by_field_name("definition") or node
    head = data[inner.start_byte : body.start_byte if body is not None else name_node.end_byte]
    return Symbol(
        path=path,
        name=name,
        kind=kind,
        start=start,
        end=end,
        line=node.start_point[0] + 1,
        source=_plain(data[start:end]),
        signature=" ".join(_plain(head).split()).rstrip(": "),
        header=_plain(data[start : name_node.end_byte]),
    )


def _plain(data: bytes) -> str:
    return data.decode(errors="replace").replace("\r\n", "\n")


def _text(data: bytes, node: Node) -> str:
    return data[node.start_byte : node.end_byte].decode(errors="replace")
