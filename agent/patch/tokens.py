"""Lines of code as tokens: comments and formatting left out. Works on fragments that no parser would take."""

from __future__ import annotations

import keyword
import re

_TOKEN = re.compile(
    r"""(?P<comment>\#.*)
    |(?P<string>[rbufRBUF]{0,2}(?:'''|\"\"\"|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))
    |(?P<name>[^\W\d]\w*)
    |(?P<other>\d[\w.]*|[^\w\s])""",
    re.VERBOSE,
)
_WORD = re.compile(r"[^\W\d]\w*")
_KEYWORDS = frozenset({*keyword.kwlist, "self", "cls"})
_LONG_LINE = 20_000
"""Characters from which a line is no code that anybody wrote: it is split at white space alone."""


def tokens(line: str) -> list[str]:
    """Return the names, strings, numbers and symbols of a line of code; a string is one token, a comment none."""
    if len(line) > _LONG_LINE:
        return line.split()
    return [match[0] for match in _TOKEN.finditer(line) if match.lastgroup != "comment"]


def words(line: str) -> list[str]:
    """Return what tokens are made of, strings taken apart: names and numbers and symbols, comments left out."""
    found: list[str] = []
    for token in tokens(line):
        found += _WORD.findall(token) if token[-1] in "'\"" and len(token) > 1 else [token]
    return found


def is_identifier(token: str) -> bool:
    """Tell a name of the program from keywords, ``self`` and ``cls``, symbols, numbers and strings."""
    return token.isidentifier() and token not in _KEYWORDS


def is_comment(line: str) -> bool:
    """Tell a line that is nothing but a comment."""
    return line.lstrip().startswith("#")
