"""Give the local variables of every function names of one scheme, in order of appearance.

Parameters keep theirs (callers may pass them by keyword), as do globals, attributes and names of class bodies.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_NAMING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def rename_locals(tree: ast.Module) -> None:
    """Rename in place. The result is for comparing, not for running."""
    _Renamer().visit(tree)


class _Renamer(ast.NodeVisitor):
    def __init__(self) -> None:
        self.scopes: list[dict[str, str]] = []
        """Old name -> new name of each enclosing function and comprehension."""
        self.class_names: frozenset[str] = frozenset()
        """Names that the class body being visited binds; they hide locals there, but not in its methods."""

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        node.name = self._renamed(node.name)
        self._visit_all(node.decorator_list)
        self.visit(node.args)
        if node.returns:
            self.visit(node.returns)
        self._enter(node.args, node.body)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)
        self._enter(node.args, [node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        node.name = self._renamed(node.name)
        self._visit_all([*node.decorator_list, *node.bases, *node.keywords])
        outer, self.class_names = self.class_names, frozenset(_bound(node.body))
        self._visit_all(node.body)
        self.class_names = outer

    def visit_comprehension_of(self, node: _Comprehension) -> None:
        self._push(_bound([generator.target for generator in node.generators]), kept=())
        self.generic_visit(node)
        self.scopes.pop()

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_comprehension_of

    def visit_Name(self, node: ast.Name) -> None:
        node.id = self._renamed(node.id)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        node.names = [self._renamed(name) for name in node.names]

    def visit_alias(self, node: ast.alias) -> None:
        node.asname = self._renamed(node.asname) if node.asname else None

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        node.name = self._renamed(node.name) if node.name else None
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        node.name = self._renamed(node.name) if node.name else None
        self.generic_visit(node)

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        node.rest = self._renamed(node.rest) if node.rest else None
        self.generic_visit(node)

    def _enter(self, arguments: ast.arguments, body: list[ast.stmt] | list[ast.expr]) -> None:
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        outer, self.class_names = self.class_names, frozenset()
        self._push(_bound(body), kept={argument.arg for argument in named if argument} | _declared_global(body))
        self._visit_all(body)
        self.scopes.pop()
        self.class_names = outer

    def _push(self, names: Iterable[str], kept: Iterable[str]) -> None:
        scope = {name: name for name in kept}
        for name in names:
            scope.setdefault(name, f"_{len(self.scopes)}_{len(scope)}")
        self.scopes.append(scope)

    def _renamed(self, name: str) -> str:
        if name in self.class_names:
            return name
        return next((scope[name] for scope in reversed(self.scopes) if name in scope), name)

    def _visit_all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)


def _own(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield the nodes of one scope in order of appearance; of nested functions and classes only the heads."""
    stack = list(nodes)[::-1]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, _NESTED):
            stack.extend(list(ast.iter_child_nodes(node))[::-1])


def _bound(nodes: Iterable[ast.AST]) -> list[str]:
    """Return the names that a scope binds, but for plain imports, whose names are not the function's to choose."""
    nodes = list(nodes)
    elsewhere = {name for node in _own(nodes) if isinstance(node, ast.Nonlocal | ast.Global) for name in node.names}
    inner = {id(target) for node in _own(nodes) if isinstance(node, _COMPREHENSIONS) for target in _targets(node)}
    found: list[str | None] = []
    for node in _own(nodes):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del) and id(node) not in inner:
            found.append(node.id)
        elif isinstance(node, _NAMING):
            found.append(node.name)
        elif isinstance(node, ast.MatchMapping):
            found.append(node.rest)
        elif isinstance(node, ast.alias):
            found.append(node.asname)
    return [name for name in dict.fromkeys(found) if name and name not in elsewhere]


def _targets(node: _Comprehension) -> Iterator[ast.AST]:
    for generator in node.generators:
        yield from ast.walk(generator.target)


def _declared_global(nodes: Iterable[ast.AST]) -> set[str]:
    return {name for node in _own(nodes) if isinstance(node, ast.Global) for name in node.names}
