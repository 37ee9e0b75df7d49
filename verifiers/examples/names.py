"""Finds where the names come from that an issue's example uses but does not import."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping

from environments.python_text import unbound_names
from verifiers.examples.blocks import statements

Locate = Callable[[str], str | None]
"""A name -> the import statement that binds it, or None."""

_ROUNDS = 8


def definitions(scripts: Iterable[str]) -> dict[str, str]:
    """Return the statement that binds each name at the top level of an issue's code; the last one counts."""
    found: dict[str, str] = {}
    for script in scripts:
        for node, source in statements(script):
            for name in _bound(node):
                found[name] = source  # "*" too: a star import stands in for what nothing else binds
    return found


def complete(setup: str, call: str, known: Mapping[str, str], locate: Locate | None) -> str:
    """Return the set-up with statements before it that bind what it and the call leave unbound, as far as found."""
    for _ in range(_ROUNDS):
        needed = (_source(name, known, locate) for name in unbound_names(f"{setup}\n{call}"))
        lines = dict.fromkeys(line for line in needed if line is not None and line not in setup)
        if not lines:
            break
        setup = "\n".join([*lines, setup])
    return setup


def _source(name: str, known: Mapping[str, str], locate: Locate | None) -> str | None:
    return known.get(name) or (locate(name) if locate is not None else None) or known.get("*")


def _bound(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).split(".")[0] for alias in node.names]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    return []
