"""Finds the import statement for a public name of the repository that an issue's example leaves out."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath

from agent.patch.paths import is_test_path
from environments.python_source import parse_python


def import_finder(files: Mapping[str, bytes], python_path: Sequence[str]) -> Callable[[str], str | None]:
    """Return a function from a name to the statement that imports it, None where no module or several bind it.

    ``files``: path -> bytes of the tree's Python files; ``python_path``: the folders that imports start from. A
    name that a package re-exports is imported from the package nearest to the root.
    """
    modules = {
        module: _bound(content)
        for path, content in sorted(files.items())
        if not is_test_path(path) and (module := _module(path, python_path)) is not None
    }

    def find(name: str) -> str | None:
        if name in modules:
            return f"import {name}"
        homes = sorted((module for module, names in modules.items() if name in names), key=lambda m: m.count("."))
        if not homes or (len(homes) > 1 and homes[0].count(".") == homes[1].count(".")):
            return None
        return f"from {homes[0]} import {name}"

    return find


def _module(path: str, python_path: Sequence[str]) -> str | None:
    """Return a file's dotted name under the first folder of the path that holds it."""
    for root in sorted(python_path, key=len, reverse=True):
        folder = PurePosixPath(root)
        if not PurePosixPath(path).is_relative_to(folder):
            continue
        parts = list(PurePosixPath(path).relative_to(folder).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        if parts and all(part.isidentifier() for part in parts):
            return ".".join(parts)
    return None


def _bound(content: bytes) -> set[str]:
    """Return the names that a module binds at its top level, its imports from itself included."""
    try:
        tree = parse_python(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            names.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return names
