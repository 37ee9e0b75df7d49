"""Which functions patches change: by the text of their definitions, before and after."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from agent.patch import PatchError, apply_patch, is_test_path
from environments.workbench.scripts.python_text import parse

MOST = 40
"""Functions of one task that are followed: a rewrite of a whole module is nobody's replay."""


def changed_functions(patches: Iterable[str], read_base: Callable[[str], bytes]) -> dict[str, tuple[str, ...]]:
    """Return path -> names of the functions that any of the patches changes, adds or removes; no path of tests.

    Names are those of code objects, without the class. ``read_base``: see ``agent.patch.apply_patch``.
    """
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for patch in patches:
        try:
            before, after = apply_patch(patch, read_base)
        except PatchError:
            continue
        for path in sorted(before):
            if path.endswith(".py") and not is_test_path(path):
                one, other = _functions(before[path]), _functions(after[path])
                changed = [name for name in {**one, **other} if one.get(name) != other.get(name)]
                found[path] |= dict.fromkeys(name.rpartition(".")[2] for name in changed)
    named = {path: tuple(sorted(names)) for path, names in sorted(found.items()) if names}
    return named if sum(map(len, named.values())) <= MOST else {}


def _functions(content: bytes | None) -> Mapping[str, str]:
    """Return qualified name -> the text of each definition, without those inside of it."""
    tree = parse(content.decode("utf-8", "replace")) if content else None
    return dict(_below(tree, "")) if tree is not None else {}


def _below(node: ast.AST, above: str) -> Iterable[tuple[str, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{above}{child.name}", ast.dump(child)
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _below(child, f"{above}{child.name}.")
        else:
            yield from _below(child, above)
