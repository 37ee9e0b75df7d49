"""Candidates for a task with an injected bug: right ones, wrong ones, plausible ones, and some that break what worked.

What each is meant to be is a name alone; what it is, the task's hidden tests say.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Iterator
from itertools import islice

from agent.patch import make_patch
from environments.synthesis.operators import OPERATORS, Module, Site, changes, sites
from environments.synthesis.operators.site import Function
from environments.synthesis.recipe import Recipe

RIGHT, ELSEWHERE, IDLE, PLAUSIBLE, SPECIAL, BREAKING = "right", "elsewhere", "idle", "plausible", "special", "breaking"
MOST = {RIGHT: 3, PLAUSIBLE: 4, SPECIAL: 1, BREAKING: 2, ELSEWHERE: 2, IDLE: 1}
"""Candidates of each kind, at most."""


def candidates(recipe: Recipe, original: bytes, seed: int = 0) -> list[tuple[str, str]]:
    """Return (what it is meant to be, its diff against the task's tree), different changes alone, in drawn order.

    ``original``: the file that holds the bug, as it is without it.
    """
    rng = random.Random(f"{seed} {recipe.instance_id}")
    base = recipe.mutation.site_in(original).apply(original)
    found: dict[bytes, str] = {}
    for meant, make in _KINDS.items():
        different = (one for one in make(recipe, original, base, rng) if one != base and one not in found)
        for source in islice(filter(_parses, different), MOST[meant]):
            found[source] = meant
    path = recipe.mutation.file
    pairs = [(meant, make_patch({path: base}, {path: source})) for source, meant in found.items()]
    rng.shuffle(pairs)
    return pairs


def _right(recipe: Recipe, original: bytes, base: bytes, rng: random.Random) -> Iterator[bytes]:
    """Yield the original, and the original written otherwise in the function that held the bug."""
    yield original
    rewritten = list(_rewritten(original, recipe.mutation.symbol))
    yield from rewritten
    for one in rewritten[:2]:
        yield from _rewritten(one, recipe.mutation.symbol)


def _idle(recipe: Recipe, original: bytes, base: bytes, rng: random.Random) -> Iterator[bytes]:
    """Yield the faulty file written otherwise: nothing about it is repaired."""
    yield from _rewritten(base, recipe.mutation.symbol)


def _elsewhere(recipe: Recipe, original: bytes, base: bytes, rng: random.Random) -> Iterator[bytes]:
    """Yield the faulty file with something else changed, as by one who blames the wrong place."""
    yield from _mutated(base, [site for site in _sites(base) if site.symbol != recipe.mutation.symbol], rng)


def _breaking(recipe: Recipe, original: bytes, base: bytes, rng: random.Random) -> Iterator[bytes]:
    """Yield the original with another function made wrong: the bug is gone, and something else is broken."""
    yield from _mutated(original, [site for site in _sites(original) if site.symbol != recipe.mutation.symbol], rng)


def _plausible(recipe: Recipe, original: bytes, base: bytes, rng: random.Random) -> Iterator[bytes]:
    """Yield the original with another mutation of the same function, nearest to the bug first: not quite repairs."""
    bug = recipe.mutation.site_in(original)
    own = [site for site in _sites(original) if site.symbol == recipe.mutation.symbol and site != bug]
    for site in sorted(own, key=lambda site: (abs(site.start - bug.start), site.start, site.replacement)):
        if changes(original, site):
            yield site.apply(original)


def _special(recipe: Recipe, original: bytes, base: bytes, rng: random.Random) -> Iterator[bytes]:
    """Yield the faulty file with the issue's own case answered by hand, where the example calls the faulty function."""
    expected, symbol = recipe.evidence.expected.result, recipe.mutation.symbol
    call = _call(recipe.evidence.expression)
    function = _function(base, symbol)
    if expected is None or call is None or function is None or not _literal(expected):
        return
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    parameters = [one.arg for one in function.node.args.args if one.arg not in ("self", "cls")]
    given = [ast.unparse(one) for one in call.args]
    if name != symbol.rpartition(".")[2] or not given or len(given) > len(parameters) or not all(map(_literal, given)):
        return
    test = " and ".join(f"{parameter} == {value}" for parameter, value in zip(parameters, given, strict=False))
    first = function.node.body[0]
    module = Module(base)
    at = module.offset(first.lineno, 0)
    indent = " " * first.col_offset
    yield base[:at] + f"{indent}if {test}:\n{indent}    return {expected}\n".encode() + base[at:]


_KINDS: dict[str, Callable[[Recipe, bytes, bytes, random.Random], Iterator[bytes]]] = {
    RIGHT: _right,
    PLAUSIBLE: _plausible,
    SPECIAL: _special,
    BREAKING: _breaking,
    ELSEWHERE: _elsewhere,
    IDLE: _idle,
}


def _rewritten(source: bytes, symbol: str) -> Iterator[bytes]:
    """Yield a file with a function written otherwise that does the same: by a name for what is returned, a comparison
    turned round, a condition denied with its branches exchanged."""
    function = _function(source, symbol)
    if function is None:
        return
    module = Module(source)
    for node in function.nodes():
        if isinstance(node, ast.Return) and node.value is not None and node.lineno == node.value.lineno:
            start, end = module.span(node)
            value = source[slice(*module.span(node.value))]
            name = _free(source, "outcome")
            line = b"%s = %s\n%sreturn %s" % (name, value, b" " * node.col_offset, name)
            if source[module.offset(node.lineno, 0) : start].strip() == b"" and b"\n" not in value:
                yield source[:start] + line + source[end:]
    for node in function.nodes():
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and (turned := _TURNED.get(type(node.ops[0]))):
            left, right = (source[slice(*module.span(side))] for side in (node.left, node.comparators[0]))
            if isinstance(node.left, _PLAIN) and isinstance(node.comparators[0], _PLAIN):
                start, end = module.span(node)
                yield source[:start] + b"%s %s %s" % (right, turned, left) + source[end:]
    for node in function.nodes():
        if isinstance(node, ast.IfExp):
            test, body, other = (source[slice(*module.span(part))] for part in (node.test, node.body, node.orelse))
            start, end = module.span(node)
            yield source[:start] + b"%s if not (%s) else %s" % (other, test, body) + source[end:]
    for node in function.nodes():
        if isinstance(node, ast.If) and not node.orelse and b"\n" not in source[slice(*module.span(node.test))]:
            start, end = module.span(node.test)
            yield source[:start] + b"bool(%s)" % source[start:end] + source[end:]


_TURNED = {
    ast.Lt: b">",
    ast.Gt: b"<",
    ast.LtE: b">=",
    ast.GtE: b"<=",
    ast.Eq: b"==",
    ast.NotEq: b"!=",
}
_PLAIN = (ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Call)


def _sites(source: bytes) -> list[Site]:
    return [site for operator in OPERATORS for site in sites(source, operator)]


def _mutated(source: bytes, where: list[Site], rng: random.Random) -> Iterator[bytes]:
    """Yield the source with one bug at a time, in drawn order; each is only looked at when it is wanted."""
    for site in rng.sample(where, len(where)):
        if changes(source, site):
            yield site.apply(source)


def _function(source: bytes, symbol: str) -> Function | None:
    return next((one for one in Module(source).functions if one.symbol == symbol), None)


def _call(expression: str) -> ast.Call | None:
    try:
        node = ast.parse(expression, mode="eval").body
    except SyntaxError:
        return None
    return node if isinstance(node, ast.Call) and not node.keywords else None


def _literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _free(source: bytes, name: str) -> bytes:
    """Return a name that the file does not use."""
    while re.search(rb"\b%s\b" % name.encode(), source):
        name += "_"
    return name.encode()


def _parses(source: bytes) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True
