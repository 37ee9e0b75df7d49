"""Formats in which a model writes an edit, and what becomes of its answer.

parse_edit("search_replace", answer, files).files     # path -> new bytes; EditError tells the model what is wrong
"""

from collections.abc import Callable, Mapping, Sequence

from agent.context.build import Context
from agent.edits.block import Change
from agent.edits.edit import Edit, EditError, NoChange
from agent.edits.grammar import search_replace_grammar, symbol_grammar
from agent.edits.search_replace import parse_search_replace
from agent.edits.symbol import parse_symbol_edit
from agent.edits.whole_file import parse_whole_file
from agent.models.profiles import EditFormat

__all__ = [
    "Change",
    "Edit",
    "EditError",
    "EditFormat",
    "NoChange",
    "grammar",
    "parse_edit",
    "search_replace_grammar",
    "symbol_grammar",
]

_PARSERS: dict[EditFormat, Callable[[str, Mapping[str, bytes], Sequence[Change]], Edit]] = {
    "symbol": lambda answer, files, kept: parse_symbol_edit(answer, files),
    "search_replace": parse_search_replace,
    "whole_file": lambda answer, files, kept: parse_whole_file(answer, files),
}


def parse_edit(format: EditFormat, answer: str, files: Mapping[str, bytes], kept: Sequence[Change] = ()) -> Edit:
    """Read an answer as an edit of ``files``, the tree's present contents. Raises EditError; nothing is guessed.

    ``kept``: the parts that fitted of an answer before that was refused (``EditError.kept``).
    """
    return _PARSERS[format](answer, files, kept)


def grammar(format: EditFormat, context: Context, files: Mapping[str, bytes], *, reason: bool = True) -> str | None:
    """Return a GBNF grammar of answers over what the context shows; None where the format has none."""
    if format == "symbol" and context.symbols:
        return symbol_grammar(context.symbols, reason=reason)
    if format == "search_replace" and context.symbols:
        return search_replace_grammar(context.symbols, files, reason=reason)
    return None
