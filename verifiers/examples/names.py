"""Finds where the names come from that an issue's example uses but does not import."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from environments.workbench.scripts.python_text import unbound_names
from verifiers.examples.blocks import statements

Locate = Callable[[str], str | None]
"""A name -> the import statement that binds it, or None."""

_ROUNDS = 8


@dataclass(frozen=True)
class Binding:
    """A statement of the issue's code that binds a name."""

    place: int
    """Its number among all statements of the issue."""
    source: str


def definitions(scripts: Iterable[str]) -> dict[str, Binding]:
    """Return the statement that binds each name at the top level of an issue's code; the last one counts.

    ``*`` stands for star imports, which stand in for what nothing else binds.
    """
    found: dict[str, Binding] = {}
    nodes = (pair for script in scripts for pair in statements(script))
    for place, (node, source) in enumerate(nodes):
        for name in _bound(node):
            found[name] = Binding(place, source)
    return found


def complete(setup: str, call: str, known: Mapping[str, Binding], locate: Locate | None) -> str:
    """Return the set-up with statements before it that bind what it and the call leave unbound, as far as found.

    Statements of the issue keep their order; imports that ``locate`` finds come first.
    """
    taken: set[Binding] = set()
    whole = setup
    for _ in range(_ROUNDS):
        unbound = unbound_names(f"{whole}\n{call}", trust_stars=False)
        if "import *" in whole:
            found = {known[name] for name in unbound if name in known}
        else:
            found = {binding for name in unbound if (binding := _binding(name, known, locate))}
        found = {binding for binding in found if binding.source not in setup} - taken
        if not found:
            break
        taken |= found
        ordered = sorted(taken, key=lambda binding: binding.place)
        whole = "\n".join([*(binding.source for binding in ordered), setup])
    return whole


def _binding(name: str, known: Mapping[str, Binding], locate: Locate | None) -> Binding | None:
    if name in known:
        return known[name]
    located = locate(name) if locate is not None else None
    return Binding(-1, located) if located is not None else known.get("*")


def _bound(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).split(".")[0] for alias in node.names]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    return []
