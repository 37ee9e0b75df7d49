"""What of a test file shows a test: its own function, and what of the file that uses: imports, helpers, fixtures."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from environments.workbench.scripts.python_text import parse
from environments.workbench.scripts.script_runner import shorten

MOST = 6_000
"""Characters of one test's source."""

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def shown_source(content: bytes, names: Sequence[str]) -> str:
    """Return what shows some tests of a file, in the file's order; the head of the file where none is found in it.

    ``names``: the part of each test's id after its file, such as ``Class::test_y[a]``.
    """
    text = content.decode("utf-8", errors="replace").replace("\r\n", "\n")
    tree = parse(text)
    wanted = [[part.partition("[")[0] for part in name.split("::")] for name in names if name]
    if tree is None or not wanted:
        return shorten(text, MOST)
    lines: set[int] = set()
    used: set[str] = set()
    for parts in wanted:
        for node in _path_to(tree.body, parts):
            lines |= _own_lines(node) if isinstance(node, ast.ClassDef) and node.name != parts[-1] else _lines(node)
            used |= _names_in(node)
    if not lines:
        return shorten(text, MOST)
    lines |= _needed(tree.body, used)
    written = text.split("\n")
    return shorten(_joined(written, sorted(lines)), MOST)


def _path_to(body: Sequence[ast.stmt], parts: Sequence[str]) -> list[_Definition]:
    """Return the definitions that a test's id leads through, the outermost first; none where it leads nowhere."""
    found: list[_Definition] = []
    for part in parts:
        node = next((one for one in body if isinstance(one, _Definition) and one.name == part), None)
        if node is None:
            return []
        found.append(node)
        body = node.body
    return found


def _own_lines(node: ast.ClassDef) -> set[int]:
    """Return the lines of a class that hold for each of its tests: head, attributes, set-up."""
    kept = set(range(_first(node), node.body[0].lineno))
    for one in node.body:
        test = isinstance(one, _Definition) and one.name.startswith("test")
        if not test and not isinstance(one, ast.ClassDef):
            kept |= _lines(one)
    return {line for line in kept if line}


def _needed(body: Sequence[ast.stmt], used: set[str]) -> set[int]:
    """Return the lines of the file's imports, and of what is defined at its top and used, or used by that."""
    lines: set[int] = set()
    waiting = [node for node in body if not isinstance(node, ast.Expr)]
    grown = True
    while grown:
        grown = False
        for node in list(waiting):
            imports = isinstance(node, ast.Import | ast.ImportFrom)
            if imports or _bound(node) & used:
                waiting.remove(node)
                if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
                    continue
                lines |= _lines(node)
                if not imports:
                    used |= _names_in(node)
                    grown = True
    return lines


def _bound(node: ast.stmt) -> set[str]:
    if isinstance(node, _Definition):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {name.id for target in targets if target for name in ast.walk(target) if isinstance(name, ast.Name)}


def _names_in(node: ast.AST) -> set[str]:
    """Return the names that a piece of code uses; a fixture is used by the name of a parameter."""
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return names | {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}


def _first(node: ast.stmt) -> int:
    decorators = node.decorator_list if isinstance(node, _Definition) else []
    return min([node.lineno, *(one.lineno for one in decorators)])


def _lines(node: ast.stmt) -> set[int]:
    return set(range(_first(node), (node.end_lineno or node.lineno) + 1))


def _joined(written: Sequence[str], lines: Iterable[int]) -> str:
    """Put lines together; an empty line stands for what is left out between two of them."""
    shown: list[str] = []
    before = 0
    for line in lines:
        if before and line > before + 1:
            shown.append("")
        shown.append(written[line - 1])
        before = line
    return "\n".join(shown).strip("\n") + "\n"
