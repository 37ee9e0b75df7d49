"""Cuts test functions out of test modules, so that a task's tree no longer holds the tests that would judge it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from environments.errors import DataError
from environments.synthesis.operators.site import FunctionNode, Module


class CutError(DataError):
    """A failing test cannot be cut: the reason, in a few words."""


@dataclass(frozen=True, order=True)
class TestFunction:
    """A whole test function, all its parameters included."""

    __test__ = False

    path: str
    symbol: str
    """``function`` or ``Class.method``, as it is written in the module."""


def test_functions(tests: Iterable[str], sources: dict[str, bytes]) -> list[TestFunction]:
    """Return the functions behind test ids (``path::Class::test[param]``), sorted. Raises CutError.

    A method that a class inherits is found in its base class, if that stands in the same module.
    """
    found: set[TestFunction] = set()
    for test in tests:
        path, _, rest = test.partition("::")
        if not rest:
            raise CutError("a test module cannot be imported")
        if path not in sources:
            raise CutError("a test is not in a Python file of the tree")
        names = rest.split("[", 1)[0].split("::")
        found.add(TestFunction(path, _locate(Module(sources[path]).tree, names)))
    return sorted(found)


def function_node(source: bytes, symbol: str) -> FunctionNode:
    """Return a module's function by its qualified name. LookupError when there is none."""
    for function in Module(source).functions:
        if function.symbol == symbol:
            return function.node
    raise LookupError(symbol)


def cut(source: bytes, symbols: Iterable[str]) -> bytes:
    """Return the module without some functions; a block that would be empty gets ``pass``. Raises CutError."""
    module = Module(source)
    wanted = set(symbols)
    nodes = [function.node for function in module.functions if function.symbol in wanted]
    edits: list[tuple[int, int, bytes]] = []
    for block in _blocks(module.tree):
        removed = [node for node in block if node in nodes]
        for node in removed:
            filler = b"pass" if len(removed) == len(block) and node is removed[0] else b""
            edits.append(_lines(module, node, filler))
    for start, end, filler in sorted(edits, reverse=True):
        source = source[:start] + filler + source[end:]
    try:
        ast.parse(source)
    except SyntaxError as error:
        raise CutError("the cut breaks a test module") from error
    return source


def _locate(tree: ast.Module, names: list[str]) -> str:
    *classes, function = names
    scope: ast.Module | ast.ClassDef = tree
    for name in classes:
        inner = _child(scope, name)
        if not isinstance(inner, ast.ClassDef):
            raise CutError("a test's class is not written in its module")
        scope = inner
    for place, prefix in _with_bases(tree, scope, classes):
        if isinstance(_child(place, function), ast.FunctionDef | ast.AsyncFunctionDef):
            return ".".join([*prefix, function])
    raise CutError("a test is not a function written in its module")


def _with_bases(
    tree: ast.Module, scope: ast.Module | ast.ClassDef, classes: list[str]
) -> Iterator[tuple[ast.Module | ast.ClassDef, list[str]]]:
    yield scope, classes
    for base in scope.bases if isinstance(scope, ast.ClassDef) else []:
        inner = _child(tree, base.id) if isinstance(base, ast.Name) else None
        if isinstance(inner, ast.ClassDef) and inner is not scope:
            yield from _with_bases(tree, inner, [inner.name])


def _child(scope: ast.AST, name: str) -> ast.AST | None:
    for node in ast.iter_child_nodes(scope):
        if getattr(node, "name", None) == name and isinstance(node, ast.stmt):
            return node
        if isinstance(node, ast.If | ast.Try):
            inner = _child(node, name)
            if inner is not None:
                return inner
    return None


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block:
                yield block


def _lines(module: Module, node: FunctionNode, filler: bytes) -> tuple[int, int, bytes]:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    assert node.end_lineno is not None
    start, end = module.offset(first), module.offset(node.end_lineno + 1)
    return start, end, b" " * node.col_offset + filler + b"\n" if filler else b""
