"""Removed statement or guard: a call, an update, a re-assignment or an early exit is gone."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from environments.synthesis.operators.site import Function, Module, Site

_EXITS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def sites(module: Module, function: Function) -> Iterator[Site]:
    """Yield every removal in the function."""
    parameters = _parameters(function)
    assigned: set[str] = set(parameters)
    for body in _blocks(function):
        for statement in body:
            if _removable(statement, assigned):
                yield _removal(module, function, statement, alone=len(body) == 1)
            assigned |= _targets(statement)


def _blocks(function: Function) -> Iterator[Sequence[ast.stmt]]:
    """Yield each block of statements of the function, outer blocks first."""
    yield function.node.body
    for statement in function.statements():
        for name in ("body", "orelse", "finalbody"):
            block = getattr(statement, name, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block
        for handler in getattr(statement, "handlers", []):
            yield handler.body


def _removable(statement: ast.stmt, assigned: set[str]) -> bool:
    if isinstance(statement, ast.If):
        return not statement.orelse and isinstance(statement.body[-1], _EXITS)
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Call)
    if isinstance(statement, ast.AugAssign):
        return True
    if isinstance(statement, ast.Assign):
        # Without an earlier value of the same name the removal would be a NameError, not a bug someone ships.
        return all(not isinstance(target, ast.Name) or target.id in assigned for target in statement.targets)
    return isinstance(statement, ast.Delete)


def _removal(module: Module, function: Function, statement: ast.stmt, *, alone: bool) -> Site:
    """Remove whole lines where the statement owns them, else leave ``pass`` in its place."""
    start, end = module.span(statement)
    line_start = module.offset(statement.lineno)
    assert statement.end_lineno is not None
    line_end = module.offset(statement.end_lineno + 1)
    before, after = module.source[line_start:start], module.source[end:line_end].strip()
    if alone or before.strip() or (after and not after.startswith(b"#")):
        return Site(start, end, b"pass", function.symbol)
    return Site(line_start, line_end, b"", function.symbol)


def _parameters(function: Function) -> set[str]:
    arguments = function.node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return {argument.arg for argument in [*named, arguments.vararg, arguments.kwarg] if argument is not None}


def _targets(statement: ast.stmt) -> set[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
