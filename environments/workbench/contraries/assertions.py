"""Test functions of a file, and those of their statements that are run in any case."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from environments.python_source import parse_python

Function = ast.FunctionDef | ast.AsyncFunctionDef
Edit = tuple[int, int, bytes]
"""Start and end in a file's bytes, and what stands there instead."""
Parsed = tuple[ast.Module, list[int]]
"""A file's tree, and where each of its lines starts, in bytes."""

_LEAVES = (ast.Return, ast.Raise, ast.Yield, ast.YieldFrom)
_FORGIVING = ("xfail", "skip", "expectedFailure", "flaky", "retry", "repeat", "rerun", "given", "parallel")
"""Parts of names of decorators and calls that end a test early or let a failure pass."""
_CATCHING = ("raises", "Raises", "suppress", "warns", "Warns", "subTest", "subtests", "deprecated")
"""The same of a ``with`` statement whose body may end before its last line."""
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def parsed(source: bytes) -> Parsed | None:
    """Return a file's tree and the starts of its lines; None for what this Python cannot read."""
    try:
        tree = parse_python(source.decode("utf-8"))
    except _UNREADABLE:
        return None
    if not isinstance(tree, ast.Module):
        return None
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return tree, starts


def tests_of(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """Yield each test that has a name of its own and is run once: ``test`` or ``Class::test``, and its function."""
    places: list[tuple[str, Sequence[ast.stmt]]] = [("", tree.body)]
    classes = Counter(node.name for node in tree.body if isinstance(node, ast.ClassDef))
    places += [
        (f"{node.name}::", node.body)
        for node in tree.body
        if isinstance(node, ast.ClassDef) and classes[node.name] == 1 and not _named(node.decorator_list, _FORGIVING)
    ]
    for prefix, body in places:
        functions = [node for node in body if isinstance(node, Function)]
        names = Counter(node.name for node in functions)
        for node in functions:
            if node.name.startswith("test") and names[node.name] == 1 and not _named(node.decorator_list, _FORGIVING):
                yield f"{prefix}{node.name}", node


def reached(body: Sequence[ast.stmt], *, inside: bool = False) -> Iterator[ast.stmt]:
    """Yield the statements of a test's body that are run in any case, in so far as nothing was raised before.

    ``inside``: also those in ``with`` statements that let nothing end early.
    """
    for statement in body:
        leaves = any(isinstance(node, _LEAVES) for node in _own(statement))
        if isinstance(statement, ast.Assert | ast.Expr) and not leaves:
            yield statement
        if leaves or _named([statement], _FORGIVING):
            return
        if inside and isinstance(statement, ast.With | ast.AsyncWith):
            managers = [item.context_expr for item in statement.items]
            if not _named(managers, _CATCHING):
                yield from reached(statement.body, inside=True)


def span(node: ast.expr, starts: Sequence[int]) -> tuple[int, int]:
    """Return where an expression stands in the file's bytes."""
    first = starts[node.lineno - 1] + node.col_offset
    return first, starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)


def edited(source: bytes, edits: Iterable[Edit]) -> bytes:
    """Return the file with some edits, none of which touches another."""
    for start, end, text in sorted(edits, reverse=True):
        source = source[:start] + text + source[end:]
    return source


def _own(statement: ast.stmt) -> Iterator[ast.AST]:
    """Walk a statement, without what functions inside of it do."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _INNER):
            waiting += ast.iter_child_nodes(node)


def _named(nodes: Sequence[ast.AST], parts: Sequence[str]) -> bool:
    names = [
        getattr(node, "attr", getattr(node, "id", ""))
        for top in nodes
        for node in ast.walk(top)
        if isinstance(node, ast.Attribute | ast.Name)
    ]
    return any(part in name for name in names for part in parts)
