"""What a test function checks: the expressions behind its assertions, with what has to run before each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from environments.synthesis.operators.site import FunctionNode

_EQUALITIES = {"assertEqual", "assertEquals", "assertIs", "assertListEqual", "assertDictEqual", "assertSetEqual"}
_TRUTHS = {"assertTrue", "assertFalse", "assertIsNone", "assertIsNotNone", "assert_"}
_RAISES = {"raises", "assertRaises", "assertRaisesRegex"}


@dataclass(frozen=True)
class Loop:
    """A loop or a parametrisation: ``target`` takes each value of ``iterable``."""

    target: ast.expr
    iterable: ast.expr


@dataclass(frozen=True)
class Check:
    """One expression that a test looks at."""

    expression: ast.expr
    before: tuple[ast.stmt, ...]
    """The statements that ran before it, in order."""
    loops: tuple[Loop, ...]


def checks(function: FunctionNode) -> Iterator[Check]:
    """Yield the expressions that a test function checks, in source order."""
    loops = tuple(reversed(list(_parameters(function))))
    yield from _block(function.body, (), loops)


def _parameters(function: FunctionNode) -> Iterator[Loop]:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("parametrize"):
            arguments = [*decorator.args, *(keyword.value for keyword in decorator.keywords)]
            names = _parameter_names(arguments[0]) if len(arguments) >= 2 else []
            if names:
                elements: list[ast.expr] = [ast.Name(name, ast.Store()) for name in names]
                target = elements[0] if len(names) == 1 else ast.Tuple(elements, ast.Store())
                yield Loop(target, arguments[1])


def _parameter_names(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [name.strip() for name in node.value.split(",") if name.strip()]
    if isinstance(node, ast.List | ast.Tuple):
        return [str(element.value) for element in node.elts if isinstance(element, ast.Constant)]
    return []


def _block(block: list[ast.stmt], before: tuple[ast.stmt, ...], loops: tuple[Loop, ...]) -> Iterator[Check]:
    for statement in block:
        for expression in _expressions(statement):
            yield Check(expression, before, loops)
        if isinstance(statement, ast.For):
            yield from _block(statement.body, before, (*loops, Loop(statement.target, statement.iter)))
        elif isinstance(statement, ast.With):
            yield from _with(statement, before, loops)
        before = (*before, statement)


def _with(statement: ast.With, before: tuple[ast.stmt, ...], loops: tuple[Loop, ...]) -> Iterator[Check]:
    yield from _block(statement.body, before, loops)
    if any(_is_raises(item.context_expr) for item in statement.items):
        last = statement.body[-1]
        if isinstance(last, ast.Expr | ast.Assign) and last.value is not None:
            yield Check(last.value, (*before, *statement.body[:-1]), loops)


def _is_raises(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _name(node.func) in _RAISES


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield what an assertion looks at, the most telling first."""
    if isinstance(statement, ast.Assert):
        yield from _condition(statement.test)
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        name, arguments = _name(call.func), call.args
        if name in _EQUALITIES and len(arguments) >= 2:
            yield from _sides(arguments[0], arguments[1])
        elif name in _TRUTHS and arguments:
            yield from _condition(arguments[0])
        elif name in _RAISES and len(arguments) >= 2 and not isinstance(arguments[1], ast.Lambda):
            yield ast.Call(arguments[1], arguments[2:], [k for k in call.keywords if k.arg])
        elif name in _RAISES and len(arguments) == 2 and isinstance(arguments[1], ast.Lambda):
            yield arguments[1].body


def _condition(test: ast.expr) -> Iterator[ast.expr]:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from _condition(test.operand)
    elif isinstance(test, ast.BoolOp):
        for value in test.values:
            yield from _condition(value)
    elif isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq | ast.Is):
        yield from _sides(test.left, test.comparators[0])
    elif isinstance(test, ast.Call) and _name(test.func) in _RAISES and len(test.args) == 2:
        yield test.args[1].body if isinstance(test.args[1], ast.Lambda) else ast.Call(test.args[1], [], [])
    else:
        yield test


def _sides(left: ast.expr, right: ast.expr) -> Iterator[ast.expr]:
    sides = [side for side in (left, right) if any(isinstance(node, ast.Name) for node in ast.walk(side))]
    yield from sides
    if sides:
        yield ast.Compare(left, [ast.Eq()], [right])


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
