"""Which tests of a file have a contrary, and the file with some of its tests made theirs.

The contrary of a test is the same text with one assertion negated: ``assert not total(x) == 7`` where it says
``assert total(x) == 7``. Where the test passes its contrary cannot, unless what is tested decides for itself what
passes. Only assertions that are always reached count, those in the test's own body; line numbers stay as they are.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from environments.python_source import parse_python

_OPPOSITE = {
    "assertEqual": "assertNotEqual",
    "assertEquals": "assertNotEqual",
    "assertNotEqual": "assertEqual",
    "assertTrue": "assertFalse",
    "assertFalse": "assertTrue",
    "assertIs": "assertIsNot",
    "assertIsNot": "assertIs",
    "assertIsNone": "assertIsNotNone",
    "assertIsNotNone": "assertIsNone",
    "assertIn": "assertNotIn",
    "assertNotIn": "assertIn",
    "assertIsInstance": "assertNotIsInstance",
    "assertNotIsInstance": "assertIsInstance",
    "assertGreater": "assertLessEqual",
    "assertGreaterEqual": "assertLess",
    "assertLess": "assertGreaterEqual",
    "assertLessEqual": "assertGreater",
    "assertListEqual": "assertNotEqual",
    "assertTupleEqual": "assertNotEqual",
    "assertDictEqual": "assertNotEqual",
    "assertSetEqual": "assertNotEqual",
    "assertMultiLineEqual": "assertNotEqual",
}
_LEAVES = (ast.Return, ast.Raise, ast.Yield, ast.YieldFrom)
_FORGIVING = ("xfail", "skip", "expectedFailure", "flaky", "retry", "repeat", "rerun", "given", "parallel")
"""Parts of names of decorators and calls that end a test early or let a failure pass."""
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_SIMPLE = (ast.Compare, ast.Call, ast.Attribute, ast.Name, ast.Subscript, ast.Constant, ast.BinOp)
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Edit = tuple[int, int, bytes]
"""Start and end in the file's bytes, and what stands there instead."""


@dataclass(frozen=True)
class Negation:
    """A test that has a contrary."""

    name: str
    """``test`` or ``Class::test``."""
    ways: tuple[tuple[_Edit, ...], ...]
    """Each is the edits that make the contrary, by another of the test's assertions."""


def negations(source: bytes) -> tuple[Negation, ...]:
    """Return the tests of a file that have a contrary, in order; none for what this Python cannot read."""
    try:
        tree = parse_python(source.decode("utf-8"))
    except _UNREADABLE:
        return ()
    if not isinstance(tree, ast.Module):
        return ()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for name, function in _tests(tree):
        ways = tuple(way for statement in _reached(function) if (way := _negated(statement, starts, source)))
        if ways:
            found.append(Negation(name, ways))
    return tuple(found)


def with_contraries(source: bytes, chosen: Collection[tuple[Negation, int]]) -> bytes:
    """Return the file with some tests made their contraries, each by one of its ways."""
    edits = sorted(edit for negation, way in chosen for edit in negation.ways[way])
    for start, end, text in reversed(edits):
        source = source[:start] + text + source[end:]
    return source


def _tests(tree: ast.Module) -> Iterator[tuple[str, _Function]]:
    places: list[tuple[str, Sequence[ast.stmt]]] = [("", tree.body)]
    classes = Counter(node.name for node in tree.body if isinstance(node, ast.ClassDef))
    places += [
        (f"{node.name}::", node.body)
        for node in tree.body
        if isinstance(node, ast.ClassDef) and classes[node.name] == 1 and not _forgiving(node.decorator_list)
    ]
    for prefix, body in places:
        functions = [node for node in body if isinstance(node, _Function)]
        names = Counter(node.name for node in functions)
        for node in functions:
            if node.name.startswith("test") and names[node.name] == 1 and not _forgiving(node.decorator_list):
                yield f"{prefix}{node.name}", node


def _reached(function: _Function) -> Iterator[ast.stmt]:
    """Yield the statements of a test's body that are run in any case, in so far as nothing was raised before."""
    for statement in function.body:
        if isinstance(statement, ast.Assert | ast.Expr) and not any(isinstance(n, _LEAVES) for n in _own(statement)):
            yield statement
        if any(isinstance(node, _LEAVES) for node in _own(statement)) or _forgiving([statement]):
            return


def _own(statement: ast.stmt) -> Iterator[ast.AST]:
    """Walk a statement, without what functions inside of it do."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _INNER):
            waiting += ast.iter_child_nodes(node)


def _forgiving(nodes: Sequence[ast.AST]) -> bool:
    names = [
        getattr(node, "attr", getattr(node, "id", ""))
        for top in nodes
        for node in ast.walk(top)
        if isinstance(node, ast.Attribute | ast.Name)
    ]
    return any(part in name for name in names for part in _FORGIVING)


def _negated(statement: ast.stmt, starts: Sequence[int], source: bytes) -> tuple[_Edit, ...]:
    """Return the edits that negate a statement; none where it is no assertion that has an opposite."""
    if isinstance(statement, ast.Assert):
        return _not(statement.test, starts, source)
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return ()
    method = call.func
    if not isinstance(method.value, ast.Name) or method.value.id != "self" or method.attr not in _OPPOSITE:
        return ()
    end = starts[(method.end_lineno or 0) - 1] + (method.end_col_offset or 0)
    start = end - len(method.attr.encode())
    return ((start, end, _OPPOSITE[method.attr].encode()),)


def _not(test: ast.expr, starts: Sequence[int], source: bytes) -> tuple[_Edit, ...]:
    start, end = _span(test, starts)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = test.operand
        after = start + 3 + len(source[start + 3 : end]) - len(source[start + 3 : end].lstrip())
        return ((start, after, b""),) if isinstance(inner, _SIMPLE) or source[after : after + 1] == b"(" else ()
    if isinstance(test, _SIMPLE):
        return ((start, start, b"not "),)
    return ((start, start, b"not ("), (end, end, b")")) if not isinstance(test, ast.NamedExpr) else ()


def _span(node: ast.expr, starts: Sequence[int]) -> tuple[int, int]:
    first = starts[node.lineno - 1] + node.col_offset
    return first, starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
