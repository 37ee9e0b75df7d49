"""Wrong variable: a name is replaced by another variable of the same function."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from environments.synthesis.operators.site import Function, Module, Site

_RECEIVERS = {"self", "cls", "_"}


def sites(module: Module, function: Function) -> Iterator[Site]:
    """Yield, for every use of a local variable, each other variable that has a value above that use."""
    first_line = _first_lines(function)
    called = {id(node.func) for node in function.nodes() if isinstance(node, ast.Call)}
    for node in function.nodes():
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
            continue
        if node.id not in first_line or id(node) in called:
            continue
        start, end = module.span(node)
        for other, line in sorted(first_line.items()):
            if other != node.id and line < node.lineno:
                yield Site(start, end, other.encode(), function.symbol)


def _first_lines(function: Function) -> dict[str, int]:
    """Map each local variable to the line from which on it has a value: 0 for a parameter."""
    arguments = function.node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    lines = {argument.arg: 0 for argument in named if argument is not None}
    for node in _outside_comprehensions(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            lines.setdefault(node.id, node.lineno)
    return {name: line for name, line in lines.items() if name not in _RECEIVERS}


def _outside_comprehensions(function: Function) -> Iterator[ast.AST]:
    """Yield the body's nodes except the variables of comprehensions, which have no value outside them."""
    hidden: set[int] = set()
    for node in function.nodes():
        if isinstance(node, ast.comprehension):
            hidden.update(id(inner) for inner in ast.walk(node.target))
    return (node for node in function.nodes() if id(node) not in hidden)
