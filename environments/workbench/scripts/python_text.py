"""Untrusted Python source, looked at by the parser only: nothing here is ever executed."""

from __future__ import annotations

import ast
import builtins
import symtable
import warnings

from environments.python_source import check_compiles, parse_python
from environments.workbench.outcome import ISSUE_PRESENT

MAX_SOURCE = 50_000
"""Characters; longer code is refused unparsed."""

_UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def parse(source: str) -> ast.Module | None:
    """Parse statements; None when they are not valid Python (or too long, or nested too deeply)."""
    if len(source) > MAX_SOURCE:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return parse_python(source)
    except _UNPARSABLE:
        return None


def expression(source: str) -> ast.expr | None:
    """Parse one expression; None when the source is anything else."""
    tree = parse(source.strip())
    if tree is not None and len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
        return tree.body[0].value
    return None


def literal(source: str) -> str | None:
    """Return a Python literal in normal spelling; None when the source is no literal."""
    value = expression(source)
    if value is None:
        return None
    try:
        ast.literal_eval(value)
        return ast.unparse(value)
    except (*_UNPARSABLE, TypeError):
        return None


def unbound_names(source: str, *, trust_stars: bool = True) -> tuple[str, ...]:
    """Return the global names that a script reads but neither binds nor finds among the builtins, in order.

    Empty when it imports with a star, which may bind anything (unless these are not trusted), and for what is not
    valid Python.
    """
    tree = parse(source)
    if tree is None or not compiles(tree):
        return ()
    if trust_stars and any(isinstance(n, ast.ImportFrom) and n.names[0].name == "*" for n in ast.walk(tree)):
        return ()
    read: dict[str, None] = {}
    bound = set(dir(builtins)) | {"__file__", "__name__", "__doc__", ISSUE_PRESENT}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tables = [symtable.symtable(source, "script", "exec")]
    top = tables[0]
    while tables:
        table = tables.pop(0)
        tables += table.get_children()
        for symbol in table.get_symbols():
            outer = table is top or symbol.is_global()
            if outer and symbol.is_referenced():
                read[symbol.get_name()] = None
            if outer and (symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()):
                bound.add(symbol.get_name())
    return tuple(name for name in read if name not in bound)


def compiles(tree: ast.Module) -> bool:
    """Tell whether the code would compile: catches `return` or `await` outside a function. Nothing is executed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check_compiles(tree)
    except _UNPARSABLE:
        return False
    return True


def syntax_message(source: str) -> str:
    """Return why a source cannot be parsed, for whoever wrote it."""
    if len(source) > MAX_SOURCE:
        return f"longer than {MAX_SOURCE} characters"
    try:
        parse_python(source)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}"
    except _UNPARSABLE as error:
        return f"{type(error).__name__}"
    return "cannot be parsed"
