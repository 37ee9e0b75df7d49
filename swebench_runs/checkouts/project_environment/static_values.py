"""What a Python file would compute, as far as that can be told by reading it: texts, lists, tables, files of the tree.

A small evaluator over the syntax tree. It runs nothing of the file, knows a fixed list of functions and methods of
texts and lists, reads only plain files of the tree, and is bounded in steps and in the size of all that it makes. What
it cannot tell is UNKNOWN.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

from swebench_runs.checkouts.project_environment.requirement_files import included
from swebench_runs.checkouts.project_environment.static_operations import (
    METHODS,
    UNKNOWN,
    Budget,
    GaveUp,
    OpenFile,
    added,
    called,
    folder_of,
    item,
    joined,
    path_of,
)
from swebench_runs.checkouts.project_environment.tree_files import read_inside

_READS = ("read", "read_text", "readlines", "resolve", "absolute", "expanduser")
_SAME = ("abspath", "realpath", "normpath", "Path", "str", "list", "tuple", "sorted", "set", "iter")
Scope = dict[str, Any]


class StaticModule:
    """A module, read."""

    def __init__(self, module: ast.Module, tree: Path) -> None:
        """Use ``of``."""
        self._tree = tree
        budget = Budget()
        self._step, self._weighed = budget.step, budget.weighed
        self._functions = {node.name: node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}
        self._module = module
        self.missing: set[str] = set()
        """Files that it would read and that are not there."""

    @classmethod
    def of(cls, text: str, tree: Path) -> Self | None:
        """Parse a module of the tree; None where it is no Python."""
        try:
            return cls(ast.parse(text), tree)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def keywords(self, function: str) -> dict[str, Any] | None:
        """Return the keyword arguments of the last call of a function, UNKNOWN among them; None without a call."""
        calls = [c for c in ast.walk(self._module) if isinstance(c, ast.Call) and called(c) == function]
        if not calls:
            return None
        scope: Scope = {"__file__": "setup.py"}
        try:
            self._block(self._module.body, scope)
            for body in (f.body for f in self._functions.values() if any(c in ast.walk(f) for c in calls[-1:])):
                self._block(body, scope)
            given: dict[str, Any] = {}
            for keyword in calls[-1].keywords:
                value = self._value(keyword.value, scope)
                if keyword.arg:
                    given[keyword.arg] = value
                elif isinstance(value, dict):
                    given |= {key: item for key, item in value.items() if isinstance(key, str)}
        except (GaveUp, RecursionError):
            return {keyword.arg: UNKNOWN for keyword in calls[-1].keywords if keyword.arg}
        return given

    def _block(self, body: Iterable[ast.stmt], scope: Scope) -> Any:
        """Follow statements; returns what they return, or UNKNOWN."""
        for statement in body:
            self._step()
            match statement:
                case ast.Return(value=value):
                    return self._value(value, scope) if value else None
                case ast.Assign(targets=targets, value=value):
                    found = self._value(value, scope)
                    for target in targets:
                        self._bind(target, found, scope)
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    self._bind(target, self._value(value, scope), scope)
                case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value):
                    scope[name] = self._weighed(added(scope.get(name, UNKNOWN), self._value(value, scope)))
                case ast.With(items=items, body=inner):
                    for item in items:
                        if item.optional_vars is not None:
                            self._bind(item.optional_vars, self._value(item.context_expr, scope), scope)
                    if (found := self._block(inner, scope)) is not UNKNOWN:
                        return found
                case ast.For(target=target, iter=over, body=inner):
                    for element in self._elements(over, scope):
                        self._bind(target, element, scope)
                        self._block(inner, scope)
                case ast.If(test=test, body=inner, orelse=other):
                    truth = self._value(test, scope)
                    chosen = inner if truth is not UNKNOWN and truth else other if truth is not UNKNOWN else []
                    if (found := self._block(chosen, scope)) is not UNKNOWN:
                        return found
                case ast.Try(body=inner):
                    if (found := self._block(inner, scope)) is not UNKNOWN:
                        return found
                case ast.Expr(value=ast.Call() as call):
                    self._mutate(call, scope)
        return UNKNOWN

    def _bind(self, target: ast.expr, value: Any, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            scope[target.id] = value
        elif isinstance(target, ast.Subscript) and isinstance(table := self._value(target.value, scope), dict):
            key = self._value(target.slice, scope)
            if isinstance(key, str):
                table[key] = value

    def _mutate(self, call: ast.Call, scope: Scope) -> None:
        """Follow ``x.append(y)``, ``x.extend(y)`` and ``x.update(y)``."""
        if isinstance(call.func, ast.Attribute) and len(call.args) == 1:
            owner, value = self._value(call.func.value, scope), self._value(call.args[0], scope)
            if isinstance(owner, list) and call.func.attr in ("append", "extend"):
                more = value if call.func.attr == "extend" and isinstance(value, list) else [value]
                both = self._weighed(added(owner, more))
                owner[:] = both if both is not UNKNOWN else [UNKNOWN]
            elif isinstance(owner, dict) and call.func.attr == "update" and isinstance(value, dict):
                owner.update(value)

    def _value(self, node: ast.expr, scope: Scope) -> Any:
        self._step()
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return scope.get(name, UNKNOWN)
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return self._parts(parts, scope)
            case ast.Dict(keys=keys, values=values):
                return self._table(keys, values, scope)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._weighed(added(self._value(left, scope), self._value(right, scope)))
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return path_of(self._value(left, scope), self._value(right, scope))
            case ast.BoolOp() | ast.Compare() | ast.UnaryOp() | ast.IfExp():
                return self._truth(node, scope)
            case ast.JoinedStr(values=values):
                parts = [self._value(v.value if isinstance(v, ast.FormattedValue) else v, scope) for v in values]
                return self._weighed(joined("", parts))
            case ast.ListComp(elt=part, generators=[loop]) | ast.GeneratorExp(elt=part, generators=[loop]):
                return self._comprehension(part, loop, scope)
            case ast.SetComp(elt=part, generators=[loop]):
                return self._comprehension(part, loop, scope)
            case ast.Subscript(value=owner, slice=key):
                return item(self._value(owner, scope), self._value(key, scope))
            case ast.Attribute(value=owner, attr="parent"):
                return folder_of(self._value(owner, scope))
            case ast.Call():
                return self._call(node, scope)
        return UNKNOWN

    def _parts(self, nodes: list[ast.expr], scope: Scope) -> list[Any]:
        found: list[Any] = []
        for node in nodes:
            value = self._value(node.value if isinstance(node, ast.Starred) else node, scope)
            found += value if isinstance(node, ast.Starred) and isinstance(value, list) else [value]
        return found

    def _table(self, keys: list[ast.expr | None], values: list[ast.expr], scope: Scope) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key, node in zip(keys, values, strict=True):
            value = self._value(node, scope)
            name = self._value(key, scope) if key else None
            if key is None and isinstance(value, dict):
                found.update(value)
            elif isinstance(name, str):
                found[name] = value
        return found

    def _truth(self, node: ast.expr, scope: Scope) -> Any:
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                value = self._value(operand, scope)
                return UNKNOWN if value is UNKNOWN else not value
            case ast.BoolOp(op=op, values=nodes):
                values = [self._value(value, scope) for value in nodes]
                if UNKNOWN in values:
                    return UNKNOWN
                return all(values) if isinstance(op, ast.And) else next((v for v in values if v), values[-1])
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                one, other = self._value(left, scope), self._value(right, scope)
                if UNKNOWN in (one, other):
                    return UNKNOWN
                equal = one == other
                inside = isinstance(other, str | list | dict) and isinstance(one, str) and one in other
                table = {ast.Eq: equal, ast.NotEq: not equal, ast.In: inside, ast.NotIn: not inside}
                return table.get(type(op), UNKNOWN)
            case ast.IfExp(test=test, body=body, orelse=other):
                truth = self._value(test, scope)
                return UNKNOWN if truth is UNKNOWN else self._value(body if truth else other, scope)
        return UNKNOWN

    def _comprehension(self, part: ast.expr, loop: ast.comprehension, scope: Scope) -> Any:
        found = []
        elements = self._value(loop.iter, scope)
        if elements is UNKNOWN or not isinstance(elements, list | OpenFile):
            return UNKNOWN
        for element in self._elements(loop.iter, scope):
            inner = self._weighed(dict(scope))
            self._bind(loop.target, element, inner)
            checks = [self._value(test, inner) for test in loop.ifs]
            if all(check is UNKNOWN or check for check in checks):
                found.append(self._value(part, inner))
        return found

    def _elements(self, node: ast.expr, scope: Scope) -> list[Any]:
        value = self._value(node, scope)
        if isinstance(value, OpenFile):
            return self._lines(value)
        return self._weighed(list(value)) if isinstance(value, list) else []

    def _call(self, call: ast.Call, scope: Scope) -> Any:
        name = called(call)
        arguments = self._parts(call.args, scope)
        first = arguments[0] if arguments else UNKNOWN
        if isinstance(call.func, ast.Name) and name in self._functions:
            return self._own_function(self._functions[name], arguments, call, scope)
        if isinstance(call.func, ast.Attribute) and name in (*METHODS, *_READS, "joinpath", "join", "copy", "open"):
            owner = self._value(call.func.value, scope)
            if owner is not UNKNOWN:
                return self._method(owner, name, arguments)
        if name == "dirname":
            return folder_of(first)
        if name in ("join", "joinpath"):
            return path_of(*arguments)
        if name == "open" and isinstance(first, str):
            return OpenFile(first)
        if name == "dict":
            return {k.arg: self._value(k.value, scope) for k in call.keywords if k.arg} or (first if arguments else {})
        if name == "parse_requirements" and isinstance(first, str):
            self._read(first)
            lines, _ = included(self._tree, [str(first)], "setup.py")
            return self._weighed(lines)
        if name in ("list", "tuple", "set", "sorted") and isinstance(first, OpenFile):
            return self._lines(first)
        return ([] if not arguments and name in ("list", "tuple", "set") else first) if name in _SAME else UNKNOWN

    def _method(self, owner: Any, name: str, arguments: list[Any]) -> Any:
        if name in _READS and isinstance(owner, str):
            if name in ("read", "read_text"):
                return self._read(owner)
            return self._lines(owner) if name == "readlines" else owner
        if name == "open" and isinstance(owner, str):
            return OpenFile(owner)
        if name == "joinpath":
            return path_of(owner, *arguments)
        if name == "copy":
            return self._weighed(owner.copy()) if isinstance(owner, list | dict) else owner
        if name == "join" and isinstance(owner, str):
            parts = arguments[0] if arguments and isinstance(arguments[0], list) else [UNKNOWN]
            return self._weighed(joined(owner, parts))
        plain = all(isinstance(a, str | int) and not isinstance(a, OpenFile) for a in arguments)
        if isinstance(owner, str) and name in METHODS and plain:
            try:
                found = METHODS[name](owner, *arguments)
            except (TypeError, ValueError):
                return UNKNOWN
            return self._weighed(list(found) if isinstance(found, tuple) else found)
        return UNKNOWN

    def _own_function(self, function: ast.FunctionDef, arguments: list[Any], call: ast.Call, scope: Scope) -> Any:
        inner = self._weighed(dict(scope))
        names = [argument.arg for argument in function.args.args]
        if function.args.defaults:
            late = names[-len(function.args.defaults) :]
            for name, default in zip(late, function.args.defaults, strict=True):
                inner[name] = self._value(default, scope)
        inner |= dict(zip(names, arguments, strict=False))
        if function.args.vararg:
            inner[function.args.vararg.arg] = arguments[len(names) :]
        inner |= {k.arg: self._value(k.value, scope) for k in call.keywords if k.arg}
        return self._block(function.body, inner)

    def _read(self, name: str) -> str:
        path = posixpath.normpath(name)
        text = read_inside(self._tree, path)
        if text is None:
            self.missing.add(path[:200])
        return str(self._weighed(text or ""))

    def _lines(self, name: str) -> list[str]:
        lines: list[str] = self._weighed(self._read(name).splitlines(keepends=True))
        return lines
