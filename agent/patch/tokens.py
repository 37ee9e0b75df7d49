"""Lines of code as tokens: comments and formatting left out. Works on fragments that no parser would take."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping

_TOKEN = re.compile(
    r"""(?P<comment>\#.*)
    |(?P<string>[rbufRBUF]{0,2}(?:'''|\"\"\"|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))
    |(?P<name>[^\W\d]\w*)
    |(?P<other>\d[\w.]*|[^\w\s])""",
    re.VERBOSE,
)
_WORD = re.compile(r"[^\W\d]\w*")
_BINDING = re.compile(r"(?:^|[;,(]|\bfor\b|\bas\b)\s*([^\W\d]\w*)(?=\s*(?:=[^=]|:=|,|\bin\b|:\s*$|\)\s*:|$))")
_KEYWORDS = frozenset({*keyword.kwlist, "self", "cls"})
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


def tokens(line: str) -> list[str]:
    """Return the names, strings, numbers and symbols of a line of code; a string is one token, a comment none."""
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


def bound_names(lines: Iterable[str]) -> list[str]:
    """Return names that look bound in lines of Python (assigned, looped over, caught), in order of appearance."""
    found = [name for line in lines if not is_comment(line) for name in _BINDING.findall(line)]
    return [name for name in dict.fromkeys(found) if name not in _KEYWORDS]


def logical_tokens(lines: Iterable[str], renamed: Mapping[str, str]) -> Iterator[str]:
    """Yield the tokens of Python lines, with the indentation where a statement begins; names may be renamed."""
    depth = 0
    for line in lines:
        found = tokens(line)
        if found and depth == 0:
            yield str(len(line) - len(line.lstrip()))
        for token in found:
            depth = max(0, depth + (token in _OPENING) - (token in _CLOSING))
            yield renamed.get(token, token)
