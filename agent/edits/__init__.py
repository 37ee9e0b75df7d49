"""Formats in which a model writes an edit, and what becomes of its answer."""

from collections.abc import Mapping

from agent.context.build import Context
from agent.edits.edit import Edit, EditError
from agent.edits.grammar import symbol_grammar
from agent.edits.symbol import parse_symbol_edit
from agent.profiles import EditFormat

__all__ = ["Edit", "EditError", "EditFormat", "grammar", "parse_edit", "symbol_grammar"]

_PARSERS = {"symbol": parse_symbol_edit}


def parse_edit(format: EditFormat, answer: str, files: Mapping[str, bytes]) -> Edit:
    """Read an answer as an edit of ``files``, the tree's present contents. Raises EditError; nothing is guessed."""
    return _PARSERS[format](answer, files)


def grammar(format: EditFormat, context: Context, *, reason: bool = True) -> str | None:
    """Return a GBNF grammar of answers in a format over what the context shows; None where there is none."""
    if format == "symbol" and context.symbols:
        return symbol_grammar(context.symbols, reason=reason)
    return None
