"""Comparison or boolean flip: ``<`` for ``<=``, ``==`` for ``!=``, ``and`` for ``or``, a condition negated."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from environments.synthesis.operators.site import Function, Module, Site

_FLIPS: dict[type[ast.cmpop], tuple[bytes, tuple[bytes, ...]]] = {
    ast.Lt: (rb"<", (b"<=", b">")),
    ast.LtE: (rb"<=", (b"<", b">=")),
    ast.Gt: (rb">", (b">=", b"<")),
    ast.GtE: (rb">=", (b">", b"<=")),
    ast.Eq: (rb"==", (b"!=",)),
    ast.NotEq: (rb"!=", (b"==",)),
    ast.Is: (rb"\bis\b", (b"is not",)),
    ast.IsNot: (rb"\bis\s+not\b", (b"is",)),
    ast.In: (rb"\bin\b", (b"not in",)),
    ast.NotIn: (rb"\bnot\s+in\b", (b"in",)),
}


def sites(module: Module, function: Function) -> Iterator[Site]:
    """Yield every flip in the function."""
    for node in function.nodes():
        if isinstance(node, ast.Compare):
            yield from _comparisons(module, function, node)
        elif isinstance(node, ast.BoolOp):
            yield from _booleans(module, function, node)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            start, end = module.span(node)
            yield Site(start, end, b"(" + module.text(node.operand) + b")", function.symbol)
        elif isinstance(node, ast.If | ast.While | ast.IfExp):
            yield from _negation(module, function, node.test)


def _comparisons(module: Module, function: Function, node: ast.Compare) -> Iterator[Site]:
    left = node.left
    for operator, right in zip(node.ops, node.comparators, strict=True):
        pattern, flips = _FLIPS[type(operator)]
        for flip in flips:
            yield from _between(module, function, left, right, pattern, flip)
        left = right


def _booleans(module: Module, function: Function, node: ast.BoolOp) -> Iterator[Site]:
    pattern, flip = (rb"\band\b", b"or") if isinstance(node.op, ast.And) else (rb"\bor\b", b"and")
    for left, right in zip(node.values, node.values[1:], strict=False):
        yield from _between(module, function, left, right, pattern, flip)


def _between(
    module: Module, function: Function, left: ast.expr, right: ast.expr, pattern: bytes, flip: bytes
) -> Iterator[Site]:
    """Replace the operator between two operands; a comment there could hold its look-alike, so none may stand."""
    start, end = module.span(left)[1], module.span(right)[0]
    gap = module.source[start:end]
    found = re.search(pattern, gap)
    if found and b"#" not in gap:
        yield Site(start + found.start(), start + found.end(), flip, function.symbol)


def _negation(module: Module, function: Function, test: ast.expr) -> Iterator[Site]:
    """Negate a whole condition, unless it is a single comparison or already a negation (flipped above)."""
    flipped_already = isinstance(test, ast.UnaryOp) or (isinstance(test, ast.Compare) and len(test.ops) == 1)
    if not flipped_already and not isinstance(test, ast.Constant | ast.NamedExpr):
        start, end = module.span(test)
        yield Site(start, end, b"not (" + module.text(test) + b")", function.symbol)
