"""GBNF grammars that make a weak model's answer parse."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from agent.context.source import shown
from agent.context.symbols import Symbol

REASON_CHARACTERS = 240
"""Bound of the line of reasoning before the edit."""
_LINE_CHARACTERS = 200
_SPARE_LINES = 12
_MOST_LINES = 160
_NEWLINE = r'"\n"'
_REASON = rf"reason ::= [^`\n\r:] [^`\n\r]{{0,{REASON_CHARACTERS - 1}}} {_NEWLINE}"


def symbol_grammar(symbols: Sequence[Symbol], *, reason: bool = True) -> str:
    """Return a GBNF grammar of answers in the symbol format.

    An answer is a short line of reasoning (with ``reason``), the id of one of ``symbols``, and a Python block that
    begins with that symbol's own header up to the defined name. Lines, and their number, are bounded: no more
    than the longest symbol's and a dozen.
    """
    if not symbols:
        raise ValueError("a symbol grammar needs at least one symbol")
    heads = " | ".join(_literal(f"{symbol.id}\n```python\n{symbol.header}") for symbol in symbols)
    return "\n".join(
        (
            f"root ::= {'reason ' if reason else ''}head rest line{{0,{_most_lines(symbols)}}} {_literal('```')}",
            _REASON,
            f"head ::= {heads}",
            f"rest ::= [^A-Za-z0-9_\\n\\r] [^\\n\\r]{{0,{_LINE_CHARACTERS}}} {_NEWLINE}",
            _line("`"),
        )
    )


def search_replace_grammar(symbols: Sequence[Symbol], files: Mapping[str, bytes], *, reason: bool = True) -> str:
    """Return a GBNF grammar of answers with one SEARCH/REPLACE block.

    The SEARCH part can only be consecutive lines of one of ``symbols``, as many as it takes to stand in its file
    once, and any number more; the REPLACE part is bounded as in ``symbol_grammar``.
    """
    if not symbols:
        raise ValueError("a SEARCH/REPLACE grammar needs at least one symbol")
    starts, rules = [], []
    for number, symbol in enumerate(symbols):
        lines = symbol.source.split("\n")
        whole = shown(files[symbol.path]).split("\n")
        opening = _literal(f"{symbol.path}\n<<<<<<< SEARCH\n")
        for first in range(len(lines)):
            size = _unique_size(lines, first, whole)
            if size is not None:
                quoted = _literal("".join(line + "\n" for line in lines[first : first + size]))
                starts.append(f"{opening} {quoted} s{number}-{first + size}")
        for at, line in enumerate(lines):
            rules.append(f"s{number}-{at} ::= divider | {_literal(line + chr(10))} s{number}-{at + 1}")
        rules.append(f"s{number}-{len(lines)} ::= divider")
    if not starts:
        raise ValueError("no lines of the symbols stand in their files only once")
    block = f"start line{{0,{_most_lines(symbols)}}} {_literal('>>>>>>> REPLACE')}"
    return "\n".join(
        (
            f"root ::= {'reason ' if reason else ''}{block}",
            _REASON,
            f"start ::= {' | '.join(starts)}",
            *rules,
            f"divider ::= {_literal('=======' + chr(10))}",
            _line("<>="),
        )
    )


def _unique_size(lines: Sequence[str], first: int, whole: Sequence[str]) -> int | None:
    """Return how many lines from ``first`` on it takes to stand in the whole file once; None if all do not."""
    for size in range(1, len(lines) - first + 1):
        part = list(lines[first : first + size])
        if sum(list(whole[n : n + size]) == part for n in range(len(whole)) if whole[n] == part[0]) == 1:
            return size
    return None


def _most_lines(symbols: Sequence[Symbol]) -> int:
    longest = max(symbol.source.count("\n") + 1 for symbol in symbols)
    return min(longest + _SPARE_LINES, max(_MOST_LINES, longest))


def _line(first: str) -> str:
    """Return the rule of a line of code that begins with none of ``first``."""
    return f"line ::= ([^{first}\\n\\r] [^\\n\\r]{{0,{_LINE_CHARACTERS}}})? {_NEWLINE}"


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
