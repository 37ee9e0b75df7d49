"""GBNF grammars that make a weak model's answer parse."""

from __future__ import annotations

import json
from collections.abc import Sequence

from agent.context.symbols import Symbol

REASON_CHARACTERS = 240
"""Bound of the line of reasoning before the edit."""
_LINE_CHARACTERS = 200
_SPARE_LINES = 12
_MOST_LINES = 160


def symbol_grammar(symbols: Sequence[Symbol], *, reason: bool = True) -> str:
    """Return a GBNF grammar of answers in the symbol format.

    An answer is a short line of reasoning (with ``reason``), the id of one of ``symbols``, and a Python block that
    begins with that symbol's own header up to the defined name. Lines, and their number, are bounded: no more
    than the longest symbol's and a dozen.
    """
    if not symbols:
        raise ValueError("a symbol grammar needs at least one symbol")
    longest = max(symbol.source.count("\n") + 1 for symbol in symbols)
    lines = min(longest + _SPARE_LINES, max(_MOST_LINES, longest))
    heads = " | ".join(_literal(f"{symbol.id}\n```python\n{symbol.header}") for symbol in symbols)
    return "\n".join(
        (
            f"root ::= {'reason ' if reason else ''}head rest line{{0,{lines}}} {_literal('```')}",
            f"reason ::= [^`\\n\\r:] [^`\\n\\r]{{0,{REASON_CHARACTERS - 1}}} {_literal(chr(10))}",
            f"head ::= {heads}",
            f"rest ::= [^A-Za-z0-9_\\n\\r] [^\\n\\r]{{0,{_LINE_CHARACTERS}}} {_literal(chr(10))}",
            f"line ::= ([^`\\n\\r] [^\\n\\r]{{0,{_LINE_CHARACTERS}}})? {_literal(chr(10))}",
        )
    )


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
