"""Off by one: a bound of a slice or range, an index, a length, or an existing ``+ 1`` / ``- 1`` moved by one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from environments.synthesis.operators.site import Function, Module, Site


def sites(module: Module, function: Function) -> Iterator[Site]:
    """Yield every move by one in the function, both ways where both are plausible."""
    for node in function.nodes():
        if isinstance(node, ast.Subscript):
            yield from _subscript(module, function, node.slice)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("range", "len"):
            yield from _call(module, function, node, node.func.id)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub) and _is_one(node.right):
            start, end = module.span(node)
            yield Site(start, end, b"(" + module.text(node.left) + b")", function.symbol)


def _subscript(module: Module, function: Function, index: ast.expr) -> Iterator[Site]:
    if isinstance(index, ast.Slice):
        for bound in (index.lower, index.upper):
            if bound is not None:
                yield from _moved(module, function, bound)
    elif _integer(index) is not None:
        yield from _moved(module, function, index)


def _call(module: Module, function: Function, node: ast.Call, name: str) -> Iterator[Site]:
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        return
    if name == "len":
        start, end = module.span(node)
        yield Site(start, end, b"(" + module.text(node) + b" - 1)", function.symbol)
        return
    for argument in node.args[:2]:
        yield from _moved(module, function, argument)


def _moved(module: Module, function: Function, bound: ast.expr) -> Iterator[Site]:
    start, end = module.span(bound)
    value = _integer(bound)
    for step in (-1, 1):
        if value is not None:
            text = b"%d" % (value + step)
        else:
            text = b"(" + module.text(bound) + (b" + 1)" if step > 0 else b" - 1)")
        yield Site(start, end, text, function.symbol)


def _integer(node: ast.expr) -> int | None:
    """Return the value of a written integer, signed or not."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _integer(node.operand)
        return None if value is None else -value
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return None


def _is_one(node: ast.expr) -> bool:
    return _integer(node) == 1
