"""A reproduction script written as a test of a repository's own suite, in the forms that a maintainer would write.

Several forms are tried, the plainest first: whether one says the same as the script is seen by running it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from environments.workbench.outcome import ISSUE_PRESENT
from environments.workbench.scripts.python_text import parse

_INVERSE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_SHOWS = "_shows"
"""What scripts of the harness compare shown values with: no maintainer wants it in a test."""


def forms(script: str, name: str, *, unittest: bool) -> Iterator[str]:
    """Yield test files that may say what a script says, the plainest first; ``name``: the test's, ``test_...``."""
    seen = set()
    for plain, shown in ((True, "repr"), (True, "str"), (True, ""), (False, "")):
        tree = parse(script)
        if tree is None:
            return
        body = tree.body
        if plain:
            body = _inlined(_statements(_Plain().visit(tree).body))
        body = [_Renamed(shown).visit(_Raises().visit(node)) for node in body]
        text = _file(body, name, unittest=unittest)
        if text not in seen:
            seen.add(text)
            yield text


def name_of_test(issue: str) -> str:
    """Return what a test of an issue is called, after the issue's first line."""
    words = re.findall(r"[a-z0-9]+", issue.partition("\n")[0].lower())
    slug = "_".join(words[:8])[:60].strip("_")
    return f"test_{slug}" if slug else "test_issue"


class _Plain(ast.NodeTransformer):
    """Turns ``if wrong: issue_present()`` into an assertion, and a guarded call into the call itself."""

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        if node.orelse or not _tells(node.body):
            return node
        return ast.Assert(test=_negated(node.test), msg=None)

    def visit_Try(self, node: ast.Try) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        if node.orelse or node.finalbody or not all(_ends_in_telling(handler) for handler in node.handlers):
            return node
        return node.body


class _Raises(ast.NodeTransformer):
    """Turns what is left of ``issue_present()`` into a failure."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if not _is_telling(node):
            return node
        error = ast.Call(ast.Name("AssertionError", ast.Load()), [ast.Constant("the issue is present")], [])
        return ast.Raise(error, None)


class _Renamed(ast.NodeTransformer):
    """Gives the harness's names those of a person; ``shown``: what stands for its comparison of shown values."""

    def __init__(self, shown: str) -> None:
        self._shown = shown

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name("result" if node.id == "_result" else node.id, node.ctx)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if self._shown and isinstance(node.func, ast.Name) and node.func.id == _SHOWS and len(node.args) == 2:
            value = ast.Call(ast.Name(self._shown, ast.Load()), [node.args[0]], [])
            return ast.Compare(value, [ast.Eq()], [node.args[1]])
        return node


def _is_telling(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == ISSUE_PRESENT


def _tells(body: Sequence[ast.stmt]) -> bool:
    """Tell whether statements say that the issue is present, and do nothing else but print."""
    return bool(body) and _is_telling(body[-1]) and all(map(_prints, body[:-1]))


def _prints(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"


def _ends_in_telling(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler says that the issue is present, or only lets the exception go on."""
    return _is_telling(handler.body[-1]) or isinstance(handler.body[0], ast.Raise)


def _negated(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and (inverse := _INVERSE.get(type(test.ops[0]))):
        return ast.Compare(test.left, [inverse()], test.comparators)
    return ast.UnaryOp(ast.Not(), test)


def _statements(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    return [node for node in body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]


def _inlined(body: list[ast.stmt]) -> list[ast.stmt]:
    """Put a value that one assertion right after it looks at into that assertion."""
    for at, (node, after) in enumerate(pairwise(body)):
        if not isinstance(node, ast.Assign) or ast.unparse(node.targets[0]) != "_result":
            continue
        uses = [one for one in ast.walk(after) if isinstance(one, ast.Name) and one.id == "_result"]
        if isinstance(after, ast.Assert) and len(uses) == 1 and at + 2 == len(body):
            return [*body[:at], _Into(node.value).visit(after)]
    return body


class _Into(ast.NodeTransformer):
    """Puts a value in the place of its name."""

    def __init__(self, value: ast.expr) -> None:
        self._value = value

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._value if node.id == "_result" else node


def _file(body: Sequence[ast.stmt], name: str, *, unittest: bool) -> str:
    """Return a test file: imports and definitions at its top, all else in one test."""
    top = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)]
    inner = [node for node in body if node not in top]
    definitions = [node for node in top if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    used = _names(inner)
    for _ in definitions:
        used |= _names([node for node in definitions if node.name in used])
    imports = [kept for node in top if isinstance(node, ast.Import | ast.ImportFrom) if (kept := _used(node, used))]
    defined = [node for node in definitions if node.name in used]
    if unittest:
        imports = [ast.Import([ast.alias("unittest")]), *imports]
    imports.sort(key=lambda node: not (isinstance(node, ast.ImportFrom) and node.module == "__future__"))
    case = "\n".join(ast.unparse(ast.fix_missing_locations(node)) for node in inner) or "pass"
    indent = "        " if unittest else "    "
    body_text = "\n".join(indent + line if line else line for line in case.splitlines())
    head = f"class TestIssue(unittest.TestCase):\n    def {name}(self):\n" if unittest else f"def {name}():\n"
    parts = ["\n".join(ast.unparse(node) for node in imports), *(ast.unparse(node) for node in defined)]
    return "\n\n\n".join([part for part in parts if part] + [head + body_text]) + "\n"


def _names(nodes: Sequence[ast.stmt]) -> set[str]:
    return {one.id for node in nodes for one in ast.walk(node) if isinstance(one, ast.Name)}


def _used(node: ast.Import | ast.ImportFrom, used: set[str]) -> ast.Import | ast.ImportFrom | None:
    """Return an import without what nobody uses; None where that is all of it."""
    if isinstance(node, ast.ImportFrom) and node.module == "__future__":
        return node
    names = [one for one in node.names if one.name == "*" or (one.asname or one.name).partition(".")[0] in used]
    if not names:
        return None
    if isinstance(node, ast.Import):
        return ast.Import(names)
    return ast.ImportFrom(node.module, names, node.level)
