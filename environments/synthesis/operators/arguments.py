"""Swapped arguments: two neighbouring positional arguments of a call change places."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from environments.synthesis.operators.site import Function, Module, Site

_CRASHES_AT_ONCE = {"isinstance", "issubclass", "getattr", "setattr", "hasattr", "delattr", "map", "filter", "super"}


def sites(module: Module, function: Function) -> Iterator[Site]:
    """Yield every swap in the function, except in calls that no one could write the wrong way round and not see."""
    for node in function.nodes():
        if not isinstance(node, ast.Call) or any(isinstance(argument, ast.Starred) for argument in node.args):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in _CRASHES_AT_ONCE:
            continue
        for first, second in zip(node.args, node.args[1:], strict=False):
            yield from _swap(module, function, first, second)


def _swap(module: Module, function: Function, first: ast.expr, second: ast.expr) -> Iterator[Site]:
    if any(isinstance(argument, ast.GeneratorExp) for argument in (first, second)):
        return
    if ast.dump(first) == ast.dump(second):
        return
    (start, first_end), (second_start, end) = module.span(first), module.span(second)
    between = module.source[first_end:second_start]
    if b"(" not in between and b")" not in between:  # parentheses around an argument are not part of its span
        yield Site(start, end, module.text(second) + between + module.text(first), function.symbol)
