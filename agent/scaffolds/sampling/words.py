"""The words of a function's source, with where in its lines they stand: names, numbers, operators, texts, comments."""

from __future__ import annotations

import io
import re
import textwrap
import tokenize
from dataclasses import dataclass

_KINDS = (tokenize.NAME, tokenize.NUMBER, tokenize.OP, tokenize.STRING, tokenize.COMMENT)


@dataclass(frozen=True)
class Word:
    """A token of Python's that stands within a line."""

    line: int
    """From 0 within the source."""
    start: int
    end: int
    text: str
    comment: bool

    @property
    def opening(self) -> str:
        """How a text opens, its prefix and its quote; empty for what is none, or is quoted three times over."""
        found = re.match(r"[a-zA-Z]{0,2}(['\"])(?!\1\1)", self.text)
        return found[0] if found else ""

    @property
    def content(self) -> str:
        """What stands between a text's quotes, as it is written."""
        return self.text[len(self.opening) : -1]


def words_of(source: str) -> list[Word]:
    """Return the words, without text over several lines; of a source that cannot be read to its end, those before."""
    dedented = textwrap.dedent(source)
    margins = [
        len(line) - len(bare) for line, bare in zip(source.split("\n"), dedented.split("\n"), strict=True)
    ]  # a blank line loses more than the others
    found: list[Word] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(dedented).readline):
            line = token.start[0] - 1
            if token.type in _KINDS and token.end[0] - 1 == line and line < len(margins):
                start, end = token.start[1] + margins[line], token.end[1] + margins[line]
                found.append(Word(line, start, end, token.string, token.type == tokenize.COMMENT))
    except (tokenize.TokenError, SyntaxError):
        pass  # what stands before is there
    return found
