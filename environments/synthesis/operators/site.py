"""A place in a module where an operator can inject one bug, and the source it works on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True, order=True)
class Site:
    """Replacing ``source[start:end]`` by ``replacement`` (bytes) injects one bug into function ``symbol``."""

    start: int
    end: int
    replacement: bytes
    symbol: str = field(compare=False)
    """Qualified name of the enclosing function: ``function`` or ``Class.method``."""

    def apply(self, source: bytes) -> bytes:
        """Return the mutated source; everything outside the site keeps its bytes."""
        return source[: self.start] + self.replacement + source[self.end :]


@dataclass(frozen=True)
class Function:
    """A function of a module: its node and its qualified name."""

    node: FunctionNode
    symbol: str

    def statements(self) -> Iterator[ast.stmt]:
        """Yield the statements of the body, nested blocks included, nested functions and classes not."""
        for node in self.nodes():
            if isinstance(node, ast.stmt):
                yield node

    def nodes(self) -> Iterator[ast.AST]:
        """Yield the nodes of the body in source order; docstring, annotations and nested scopes are left out."""
        body = self.node.body[1:] if ast.get_docstring(self.node, clean=False) is not None else self.node.body
        for statement in body:
            yield from _walk(statement)


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, SCOPES):
        return
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk(child)


@dataclass(frozen=True)
class Module:
    """A parsed module over its bytes. SyntaxError or UnicodeDecodeError when it is not UTF-8 Python."""

    source: bytes

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed tree; its columns are UTF-8 byte offsets."""
        self.source.decode("utf-8")
        return ast.parse(self.source)

    @cached_property
    def functions(self) -> list[Function]:
        """Every function and method, nested ones included, in source order."""
        return list(_functions(self.tree, ""))

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        for line in self.source.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return starts

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Return the byte range of a node."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def offset(self, line: int, column: int = 0) -> int:
        """Return the byte offset of a 1-based line and a 0-based byte column."""
        return self._line_starts[line - 1] + column

    def text(self, node: ast.expr | ast.stmt) -> bytes:
        """Return the bytes of a node."""
        start, end = self.span(node)
        return self.source[start:end]


def _functions(node: ast.AST, prefix: str) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Function(child, prefix + child.name)
            yield from _functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        elif not isinstance(child, ast.expr):
            yield from _functions(child, prefix)
