"""Which tests of a file have a contrary, and the file with some of its tests made theirs.

The contrary of a test is the same text with one assertion negated: ``assert not total(x) == 7`` where it says
``assert total(x) == 7``. Where the test passes its contrary cannot, unless what is tested decides for itself what
passes. Only assertions that are always reached count, those in the test's own body; line numbers stay as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from environments.workbench.contraries.assertions import Edit, edited, parsed, reached, span, tests_of

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
_SIMPLE = (ast.Compare, ast.Call, ast.Attribute, ast.Name, ast.Subscript, ast.Constant, ast.BinOp)


@dataclass(frozen=True)
class Negation:
    """A test that has a contrary."""

    name: str
    """``test`` or ``Class::test``."""
    ways: tuple[tuple[Edit, ...], ...]
    """Each is the edits that make the contrary, by another of the test's assertions."""


def negations(source: bytes) -> tuple[Negation, ...]:
    """Return the tests of a file that have a contrary, in order; none for what this Python cannot read."""
    read = parsed(source)
    if read is None:
        return ()
    tree, starts = read
    found = []
    for name, function in tests_of(tree):
        ways = tuple(way for statement in reached(function.body) if (way := _negated(statement, starts, source)))
        if ways:
            found.append(Negation(name, ways))
    return tuple(found)


def with_contraries(source: bytes, chosen: Collection[tuple[Negation, int]]) -> bytes:
    """Return the file with some tests made their contraries, each by one of its ways."""
    return edited(source, [edit for negation, way in chosen for edit in negation.ways[way]])


def _negated(statement: ast.stmt, starts: Sequence[int], source: bytes) -> tuple[Edit, ...]:
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


def _not(test: ast.expr, starts: Sequence[int], source: bytes) -> tuple[Edit, ...]:
    start, end = span(test, starts)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = test.operand
        after = start + 3 + len(source[start + 3 : end]) - len(source[start + 3 : end].lstrip())
        return ((start, after, b""),) if isinstance(inner, _SIMPLE) or source[after : after + 1] == b"(" else ()
    if isinstance(test, _SIMPLE):
        return ((start, start, b"not "),)
    return ((start, start, b"not ("), (end, end, b")")) if not isinstance(test, ast.NamedExpr) else ()
