"""Fit the most relevant symbols, and outlines of their files, into a token budget."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from agent.context.symbols import SCORE_SPAN, Symbol

Count = Callable[[str], int]

OUTLINE_SHARE = 0.1
"""Part of the budget that outlines may take,"""
OUTLINE_MOST = 1200
"""and the most tokens of it: beyond, whole definitions say more."""
OUTLINE_FILES = 20
"""Files that outlines are tried for."""
OUTLINE_NAMES = 12
"""How many signatures of a file are shown where all of them do not fit."""
TOKENS_A_SYMBOL = 10
"""One symbol for so many tokens of the budget is considered: what ranks below is not worth filling up with."""
_CLASS_WITH_METHODS = 400
"""Tokens up to which a class is shown whole; a larger one goes by its methods."""
_THRIFT = 0.7
"""How much the logarithm of a symbol's tokens counts against that of its likelihood: what it takes, others lack."""
_FIRST_FILES, _FIRST_SHARE, _FIRST_THRIFT = 60, 0.15, 1.4
"""Of so many files one function comes first, in a part of the budget; a short one does to show where to look on."""
_BYTES_A_TOKEN, _TOKENS_AROUND = 3.3, 15
"""About what a definition takes, without counting it."""


@dataclass
class Packed:
    """What fitted, and what did not."""

    outlines: list[str] = field(default_factory=list)
    bodies: list[Symbol] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The prompt's part: outlines, then definitions, most relevant first."""
        outlines = "Outline:\n\n" + "\n".join(self.outlines) + "\n" if self.outlines else ""
        bodies = "\n".join(definition(symbol) for symbol in self.bodies)
        return outlines + ("Definitions:\n\n" + bodies if bodies else "")


def definition(symbol: Symbol) -> str:
    """Show a symbol under its id."""
    fence = "```"
    while fence in symbol.source:
        fence += "`"
    return f"{symbol.id}\n{fence}python\n{symbol.source}\n{fence}\n"


def pack(ranked: Sequence[Symbol], budget: int, count: Count, *, in_order: bool = False) -> Packed:
    """Take bodies, past any that is too large, after outlines of the first few files.

    One function of each of the likeliest files is taken, then what is most likely for the tokens that it takes; all
    are shown in order of relevance. ``in_order``: they are taken in that order too, whatever they take.
    """
    packed = Packed()
    left = budget - count("Outline:\n\nDefinitions:\n\n\n")
    left -= _pack_outlines(packed, ranked, min(left, int(budget * OUTLINE_SHARE), OUTLINE_MOST), count)
    shown: dict[str, list[Symbol]] = {}
    considered = ranked[: budget // TOKENS_A_SYMBOL]
    for symbol in considered if in_order else _by_worth(considered, left):
        others = shown.setdefault(symbol.path, [])
        if any(other.encloses(symbol) or symbol.encloses(other) for other in others):
            continue
        cost = _cost(symbol, left, count)
        if cost is None:
            packed.left_out.append(symbol.id)
            continue
        left -= cost
        others.append(symbol)
        packed.bodies.append(symbol)
    place = {symbol.id: number for number, symbol in enumerate(considered)}
    packed.bodies.sort(key=lambda symbol: place[symbol.id])
    while packed.bodies and count(packed.text) > budget:
        packed.left_out.append(packed.bodies.pop().id)
    return packed


def _by_worth(ranked: Sequence[Symbol], room: int) -> list[Symbol]:
    """Return symbols in the order in which they are taken."""
    tokens = _tokens(ranked)

    def worth(symbol: Symbol, thrift: float = _THRIFT) -> float:
        return symbol.score * SCORE_SPAN - thrift * math.log(tokens[symbol.id])

    functions = [one for one in ranked if one.kind == "method" or (one.kind == "function" and "." not in one.name)]
    best: dict[str, Symbol] = {}
    for symbol in sorted(functions, key=lambda symbol: -worth(symbol, _FIRST_THRIFT)):
        best.setdefault(symbol.path, symbol)
    first, left = [], room * _FIRST_SHARE
    for symbol in itertools.islice(best.values(), _FIRST_FILES):
        if tokens[symbol.id] <= left:
            first.append(symbol)
            left -= tokens[symbol.id]
    taken = {symbol.id for symbol in first}
    return first + sorted((one for one in ranked if one.id not in taken), key=lambda symbol: -worth(symbol))


def _tokens(ranked: Sequence[Symbol]) -> dict[str, float]:
    """Return about what each takes; a function within one has that one's: it is not worth more for being less."""
    tokens: dict[str, float] = {}
    for symbol in ranked:
        outer = f"{symbol.path}::{symbol.name.rpartition('.')[0]}" if symbol.kind == "function" else ""
        tokens[symbol.id] = tokens.get(outer, len(symbol.source) / _BYTES_A_TOKEN + _TOKENS_AROUND)
    return tokens


def _cost(symbol: Symbol, left: int, count: Count) -> int | None:
    """Return a body's tokens, None where it does not fit; what cannot fit is not even counted."""
    room = min(left, _CLASS_WITH_METHODS) if symbol.kind == "class" and "def " in symbol.source else left
    if len(symbol.source) > 8 * room:
        return None
    cost = count(definition(symbol) + "\n")
    return cost if cost <= room else None


def _pack_outlines(packed: Packed, symbols: Sequence[Symbol], room: int, count: Count) -> int:
    """Add outlines of files, the most relevant first, until one does not fit; return the tokens taken."""
    taken, full = 0, False
    by_file: dict[str, list[Symbol]] = {}
    for symbol in symbols:
        by_file.setdefault(symbol.path, []).append(symbol)
    for path, ranked in itertools.islice(by_file.items(), OUTLINE_FILES):
        for chosen in () if full else (ranked, ranked[:OUTLINE_NAMES]):
            text = _outline(path, chosen, len(ranked) - len(chosen))
            cost = count(text + "\n")
            if taken + cost <= room:
                packed.outlines.append(text)
                taken += cost
                break
        else:
            full = True
            packed.left_out.append(path)
    return taken


def _outline(path: str, symbols: Sequence[Symbol], omitted: int) -> str:
    lines = [f"{path}:"]
    for symbol in sorted(symbols, key=lambda s: s.start):
        depth = symbol.name.count(".") + 1
        lines.append("  " * depth + symbol.signature)
    if omitted:
        lines.append(f"  ... {omitted} more")
    return "\n".join(lines) + "\n"
