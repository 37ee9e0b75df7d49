"""Where a script's verdict can be taken out of the process that runs the repository's code.

A script's last statements often only look at what it has found: ``if total != 7: issue_present(total)``. These, its
judging part, are run by a process that never imports the repository's code, over plain values that the first part has
found; so nothing of that code can change what passes, and the expected value is not in its process: literals that the
judging part alone reads move there, and comments are left out of the rest. Where a script has no such part it is judged
where it runs.
"""

from __future__ import annotations

import ast
import builtins
import io
import tokenize
from collections import Counter
from dataclasses import dataclass

from environments.workbench.outcome import ISSUE_PRESENT
from environments.workbench.scripts.python_text import literal, parse

_MODULES = frozenset({"ast", "re", "math"})
"""Of the standard library: what a judging part may use."""
_CALLS = frozenset(
    {
        "abs",
        "all",
        "any",
        "bool",
        "bytes",
        "dict",
        "enumerate",
        "eval",
        "float",
        "frozenset",
        "int",
        "isinstance",
        "len",
    }
    | {"list", "max", "min", "print", "range", "repr", "reversed", "round", "set", "sorted", "str", "sum", "tuple"}
    | {"zip", "Exception", ISSUE_PRESENT, "globals", "dict"}
)
_STATEMENTS = (ast.If, ast.Expr, ast.Assert, ast.For, ast.Assign, ast.Pass)
_NOT_INSIDE = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.With, ast.While, ast.Global, ast.Await, ast.Yield)
_DEFINITIONS = (ast.FunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Parts:
    """A script in two parts."""

    head: str
    """What runs beside the repository's code."""
    tail: str = ""
    """What judges it, on the same lines as in the whole; empty: nothing can be judged apart."""
    values: tuple[str, ...] = ()
    """The names that the tail is given."""


def parts_of(source: str) -> Parts:
    """Return a script's two parts."""
    tree = parse(source)
    if tree is None:
        return Parts(source)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef) and _is_pure(node)}
    cut = len(tree.body)
    while cut and isinstance(tree.body[cut - 1], _STATEMENTS) and _is_pure(tree.body[cut - 1], functions):
        cut -= 1
    tail = tree.body[cut:]
    bound = _bound(tree.body[:cut])
    read = {name for node in tail for name in _read(node)} - _bound(tail)
    used = {name: functions[name] for name in read & functions.keys()}
    read |= {name for function in used.values() for name in _read(function) - _bound([function])}
    modules = read & _MODULES
    withheld = _literals(tree.body[:cut], read)
    values = read & bound - modules - used.keys() - withheld.keys()
    unknown = read - values - modules - used.keys() - withheld.keys() - {ISSUE_PRESENT} - set(dir(builtins))
    speaks = any(isinstance(node, ast.Name) and node.id == ISSUE_PRESENT for one in tail for node in ast.walk(one))
    if not tail or not values or not speaks or unknown or ISSUE_PRESENT in bound:
        return Parts(source)
    line = tail[0].lineno
    lines = source.splitlines(keepends=True)
    if any(node.end_lineno is None or node.end_lineno >= line for node in tree.body[:cut]):
        return Parts(source)  # two statements in one line
    before = "; ".join([*(f"import {name}" for name in sorted(modules))])
    defined = "\n".join(ast.unparse(node) for node in (*used.values(), *withheld.values()))
    kept = f"{before}\n{defined}\n" if before or defined else ""
    padding = "\n" * max(0, line - 1 - kept.count("\n"))
    for node in withheld.values():
        lines[node.lineno - 1 : node.end_lineno] = ["\n"] * ((node.end_lineno or 0) - node.lineno + 1)
    head = _uncommented("".join(lines[: line - 1]))
    return Parts(head, kept + padding + "".join(lines[line - 1 :]), tuple(sorted(values)))


def _literals(head: list[ast.stmt], wanted: set[str]) -> dict[str, ast.Assign]:
    """Return the statements of a head that give a literal to a name which the judging part alone reads, by the name."""
    times = Counter(node.id for top in head for node in ast.walk(top) if isinstance(node, ast.Name))
    rows = Counter(row for top in head for row in range(top.lineno, (top.end_lineno or top.lineno) + 1))
    found = {}
    for node in head:
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        if not isinstance(node, ast.Assign) or not isinstance(target, ast.Name) or times[target.id] != 1:
            continue
        alone = rows[node.lineno] == rows[node.end_lineno or 0] == 1
        if target.id in wanted and alone and literal(ast.unparse(node.value)) is not None:
            found[target.id] = node
    return found


def _uncommented(text: str) -> str:
    """Leave comments out, in which an author may have told the answer; lines stay where they are."""
    lines = text.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    return "\n".join(lines)


def _is_pure(top: ast.stmt, functions: dict[str, ast.FunctionDef] | None = None) -> bool:
    """Tell whether a statement only looks at values: it calls what Python brings along, and methods of values."""
    for node in ast.walk(top):
        if isinstance(node, _NOT_INSIDE) or (isinstance(node, _DEFINITIONS) and functions is not None):
            return False
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            local = functions is None or node.func.id in functions
            if node.func.id not in _CALLS and not local:
                return False
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            return False
    return True


def _read(top: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(top) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _bound(body: list[ast.stmt]) -> set[str]:
    found = set()
    for top in body:
        for node in ast.walk(top):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                found.add(node.id)
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.arg):
                found.add(node.arg)
            elif isinstance(node, ast.ExceptHandler) and node.name:
                found.add(node.name)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                found |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return found
