"""From a check of a test to code that stands alone: only what the expression needs, imports first."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from environments.synthesis.evidence.assertions import Check

_NOT_A_USERS = {"self", "cls", "pytest", "unittest", "request", "monkeypatch", "mock"}
MAX_HELPER = 500
"""Characters of a module-level constant or helper that an example may carry along."""


class NotSelfContained(Exception):
    """The expression needs something that an example cannot hold."""


@dataclass(frozen=True)
class Snippet:
    """Code that stands alone: the imports, the statements, and the expression to look at."""

    imports: tuple[str, ...]
    setup: tuple[str, ...]
    expression: str

    @property
    def names(self) -> set[str]:
        """Every name that the code loads."""
        return loaded(ast.parse("\n".join([*self.setup, self.expression])))


@dataclass(frozen=True)
class Scope:
    """What a test module defines at its top level."""

    tree: ast.Module
    package: str
    """Dotted package of the test module, for its relative imports; empty outside packages."""
    public: frozenset[str]
    """Top-level import names of the package under test."""
    _imports: dict[str, str] = field(default_factory=dict)

    def definition(self, name: str) -> ast.stmt | None:
        """Return the top-level statement that gives a name its value: an import, constant, function or class."""
        return _definitions(self.tree).get(name)

    def import_line(self, statement: ast.Import | ast.ImportFrom, name: str) -> str:
        """Write the import of one name on its own. Raises NotSelfContained outside package and standard library."""
        alias = next(alias for alias in statement.names if name in (alias.asname, alias.name, alias.name.split(".")[0]))
        suffix = f" as {alias.asname}" if alias.asname else ""
        if isinstance(statement, ast.Import):
            module, line = alias.name, f"import {alias.name}{suffix}"
        else:
            module = self._absolute(statement)
            line = f"from {module} import {alias.name}{suffix}"
        top = module.split(".")[0]
        private = any(part.startswith("_") for part in [*module.split("."), alias.name])
        if private or top in _NOT_A_USERS or (top not in self.public and top not in sys.stdlib_module_names):
            raise NotSelfContained(name)
        if any(part in ("test", "tests") for part in module.split(".")):
            raise NotSelfContained(name)
        return line

    def star_import(self, name: str) -> str | None:
        """Write the import of a name that could only come from a star import of the package."""
        for statement in self.tree.body:
            if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
                module = self._absolute(statement)
                if module.split(".")[0] in self.public and not name.startswith("_"):
                    return f"from {module} import {name}"
        return None

    def _absolute(self, statement: ast.ImportFrom) -> str:
        if not statement.level:
            return statement.module or ""
        parts = self.package.split(".")
        above = parts[: len(parts) - statement.level + 1]
        return ".".join([*above, *([statement.module] if statement.module else [])])


def snippet(check: Check, scope: Scope, bindings: Mapping[str, str]) -> Snippet:
    """Slice a test backwards from a check, with the loop variables put in as literals. Raises NotSelfContained."""
    needed = loaded(check.expression)
    kept: list[ast.stmt] = []
    for statement in reversed(check.before):
        if _gives(statement, needed):
            _refuse_asserts(statement)
            kept.insert(0, statement)
            needed |= loaded(statement)
    imports: list[str] = []
    setup: list[ast.stmt] = []
    for statement in kept:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            imports += [scope.import_line(statement, name) for name in stored(statement) if name in needed]
        else:
            setup.append(statement)
    own = set().union(*(stored(statement) for statement in kept)) if kept else set()
    outside = _Outside(scope, imports)
    for name in sorted(needed - own - set(bindings)):
        outside.add(name)
    inline = _Inline({name: text for name, text in bindings.items() if name not in own})
    written = [ast.unparse(inline.visit(_copy(statement))) for statement in [*outside.statements, *setup]]
    return Snippet(tuple(sorted(set(imports))), tuple(written), ast.unparse(inline.visit(_copy(check.expression))))


@dataclass
class _Outside:
    """Collects what a snippet needs from outside the test function."""

    scope: Scope
    imports: list[str]
    statements: list[ast.stmt] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def add(self, name: str) -> None:
        if name in self._seen:
            return
        self._seen.add(name)
        definition = self.scope.definition(name)
        if isinstance(definition, ast.Import | ast.ImportFrom):
            self.imports.append(self.scope.import_line(definition, name))
        elif definition is not None:
            self._carry(definition)
        elif name in _NOT_A_USERS or not hasattr(builtins, name):
            line = self.scope.star_import(name)
            if line is None:
                raise NotSelfContained(name)
            self.imports.append(line)

    def _carry(self, definition: ast.stmt) -> None:
        if len(ast.unparse(definition)) > MAX_HELPER:
            raise NotSelfContained("a long helper")
        for name in sorted(loaded(definition) - stored(definition)):
            self.add(name)
        if definition not in self.statements:
            self.statements.append(definition)


class _Inline(ast.NodeTransformer):
    def __init__(self, literals: Mapping[str, str]) -> None:
        self._literals = literals

    def visit_Name(self, node: ast.Name) -> ast.expr:
        text = self._literals.get(node.id) if isinstance(node.ctx, ast.Load) else None
        return node if text is None else ast.parse(text, mode="eval").body


def loaded(node: ast.AST) -> set[str]:
    """Return the names that code reads and does not bind inside an expression of its own (comprehension, lambda)."""
    hidden: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.comprehension):
            hidden |= {name.id for name in ast.walk(inner.target) if isinstance(name, ast.Name)}
        elif isinstance(inner, ast.arg):
            hidden.add(inner.arg)
        elif isinstance(inner, ast.FunctionDef | ast.ClassDef):
            hidden |= {n.id for n in ast.walk(inner) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return names - hidden


def stored(statement: ast.stmt) -> set[str]:
    """Return the names that a statement binds."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.split(".")[0] for alias in statement.names}
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    return {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _gives(statement: ast.stmt, needed: set[str]) -> bool:
    """Say whether a statement binds a needed name, or may change the object behind it."""
    if stored(statement) & needed:
        return True
    if isinstance(statement, ast.Assert | ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
        return False
    if isinstance(statement, ast.Expr | ast.Delete | ast.Assign | ast.AugAssign):
        roots = {node.id for node in _roots(statement) if isinstance(node, ast.Name)}
        return bool(roots & needed) and not (loaded(statement) & _NOT_A_USERS)
    return False


def _roots(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield the objects that a statement acts on: ``x`` in ``x.clear()``, ``x[0] = 1``, ``del x.y``."""
    for node in ast.walk(statement):
        acts = isinstance(node, ast.Attribute) or (
            isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load)
        )
        if acts:
            yield node.value  # type: ignore[attr-defined]


def _refuse_asserts(statement: ast.stmt) -> None:
    if loaded(statement) & _NOT_A_USERS or any(isinstance(node, ast.Assert) for node in ast.walk(statement)):
        raise NotSelfContained("a statement that only a test would hold")


def _definitions(tree: ast.Module) -> dict[str, ast.stmt]:
    found: dict[str, ast.stmt] = {}
    for statement in _top_level(tree.body):
        names = stored(statement)
        found |= dict.fromkeys(names, statement)
    found.pop("*", None)
    return found


def _top_level(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        if isinstance(statement, ast.If | ast.Try):
            yield from _top_level(statement.body)
        elif isinstance(
            statement, ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign | ast.FunctionDef | ast.ClassDef
        ):
            yield statement


def _copy(node: ast.AST) -> ast.AST:
    kind = "eval" if isinstance(node, ast.expr) else "exec"
    parsed = ast.parse(ast.unparse(node), mode=kind)
    return parsed.body if isinstance(parsed, ast.Expression) else parsed
