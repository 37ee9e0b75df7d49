"""From what the reproduction executed to places: the functions that a sample may change, the most suspicious first."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence

from agent.context.symbols import Symbol, symbols_of
from agent.patch.paths import is_test_path
from agent.scaffolds.sampling.place import Place
from agent.scaffolds.scaffold import Executed
from environments.python_source import parse_python

MOST = 24
"""Places of one task."""
_LONGEST = 400
"""Lines of a function that is sampled."""


def places_of(executed: Iterable[Executed], files: Mapping[str, bytes]) -> list[Place]:
    """Return the places of executed functions, in their order. Tests, and what no longer parses, are none."""
    places: list[Place] = []
    known: dict[str, tuple[Symbol, ...]] = {}
    for path, name, lines, score, failed in executed:
        if len(places) == MOST:
            break
        if path not in files or is_test_path(path):
            continue
        if path not in known:
            known[path] = symbols_of(path, files[path])
        symbol = _function(known[path], name, lines)
        if symbol is None or any(place.symbol.id == symbol.id for place in places):
            continue
        begun = _own_statements(symbol)
        ran = _statements_at(begun, symbol, lines)
        place = Place(symbol, files[path], ran, score, _statements_at(ran, symbol, failed))
        if place.executed and place.fingerprint and len(place.lines) <= _LONGEST:
            places.append(place)
    return places


def _function(symbols: Iterable[Symbol], name: str, lines: Sequence[int]) -> Symbol | None:
    """Return the smallest function of that name that holds some of the lines; names in a trace may be local ones."""
    last = name.rpartition(".")[2]
    fitting = [
        symbol
        for symbol in symbols
        if symbol.kind in ("function", "method")
        and symbol.last_name == last
        and any(symbol.line <= line <= symbol.last_line for line in lines)
    ]
    return min(fitting, key=lambda symbol: symbol.source.count("\n"), default=None)


def _own_statements(symbol: Symbol) -> set[int]:
    """Return the lines at which a statement of the function's own body begins, from 0."""
    try:
        tree = parse_python(textwrap.dedent(symbol.source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    if not tree.body or not isinstance(tree.body[0], ast.FunctionDef | ast.AsyncFunctionDef):
        return set()
    function = tree.body[0]
    return {
        statement.lineno - 1
        for statement in ast.walk(function)
        if isinstance(statement, ast.stmt) and statement is not function and not _documents(statement)
    }


def _statements_at(begun: Collection[int], symbol: Symbol, lines: Iterable[int]) -> tuple[int, ...]:
    """Return where the statements begin that lines of the file belong to, in the order of the lines, each once."""
    found = [max((number for number in begun if number + symbol.line <= line), default=None) for line in lines]
    return tuple(dict.fromkeys(number for number in found if number is not None))


def _documents(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
