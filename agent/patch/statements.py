"""Fragments of Python as logical lines of tokens, and which of their names are local to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from agent.patch.tokens import is_identifier, tokens

_TRIPLE = re.compile(r"[rbufRBUF]{0,2}(?:\'\'\'.*?\'\'\'|\"\"\".*?\"\"\")", re.DOTALL)
_STRING = re.compile(r"""([rbufRBUF]{0,2})(["'])([^"'\\]*)\2""")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


@dataclass
class Statement:
    """A logical line: what stands between two line ends outside brackets."""

    indent: int
    tokens: list[str] = field(default_factory=list)


def statements(lines: Iterable[str]) -> list[Statement]:
    """Return the logical lines of a fragment; comments, docstrings, quote style and how lines are wrapped are left out.

    A comma before a closing bracket counts only where it makes a tuple. A bracket that the fragment closes without
    opening it does nothing.
    """
    found: list[Statement] = []
    depth, wrapped = 0, False
    for line in _with_whole_strings("\n".join(lines)):
        here = list(_tokens(line))
        if not here:
            continue
        if not found or (depth == 0 and not wrapped):
            expanded = line.expandtabs()
            found.append(Statement(len(expanded) - len(expanded.lstrip())))
        wrapped = here[-1] == "\\"
        found[-1].tokens += here[:-1] if wrapped else here
        for token in here:
            depth = max(0, depth + (token in _OPENING) - (token in _CLOSING))
    for statement in found:
        statement.tokens = _without_last_commas(statement.tokens)
    return [statement for statement in found if not _is_docstring(statement)]


def renamed_tokens(statement: Statement, names: Mapping[str, str]) -> Iterator[str]:
    """Yield a statement's indentation and its tokens with other names for some; attributes and keywords keep theirs."""
    yield str(statement.indent)
    for number, token in enumerate(statement.tokens):
        yield names[token] if token in names and _is_variable(statement.tokens, number) else token


def local_names(found: Sequence[Statement]) -> list[str]:
    """Return the names that these statements bind, inside a function, before they read them; in order of appearance.

    One that they never read is none: it may be what the rest of the file reads, such as the attribute of a class.
    """
    first_binds: dict[str, bool] = {}
    read: set[str] = set()
    for statement in found:
        inside = statement.indent > 0
        looped = set(_looped(statement.tokens)) if inside else set()
        bound = looped | (set(_assigned(statement.tokens)) if inside else set())
        loops = {statement.tokens[number] for number in looped}
        for number, token in enumerate(statement.tokens):
            if number not in bound and is_identifier(token) and _is_variable(statement.tokens, number):
                read.add(token)
                first_binds.setdefault(token, token in loops)
        for number in sorted(bound):
            first_binds.setdefault(statement.tokens[number], True)
    return [name for name, binds in first_binds.items() if binds and name in read]


def _assigned(found: list[str]) -> Iterator[int]:
    """Yield the positions of names that a statement assigns, or binds by ``as``."""
    names = _name_list(found, 0)
    end = names[-1] + 1 if names else 0
    if names and found[end : end + 1] == ["="] and found[end + 1 : end + 2] != ["="]:
        yield from names
    for number in range(1, len(found)):
        walrus = found[number : number + 3][1:] == [":", "="]
        if is_identifier(found[number]) and (walrus or found[number - 1] == "as"):
            yield number


def _looped(found: list[str]) -> Iterator[int]:
    """Yield the positions of names that a loop or a comprehension runs over."""
    for number, token in enumerate(found):
        if token == "for":
            names = _name_list(found, number + 1)
            if names and found[names[-1] + 1 : names[-1] + 2] == ["in"]:
                yield from names


def _name_list(found: list[str], start: int) -> list[int]:
    """Return the positions of names that follow one another, only commas between them."""
    end = start
    while end < len(found) and is_identifier(found[end]) and found[end + 1 : end + 2] == [","]:
        end += 2
    if end < len(found) and is_identifier(found[end]):
        end += 1
    return list(range(start, end, 2))


def _is_variable(found: list[str], number: int) -> bool:
    """Tell a variable from an attribute and from the keyword of an argument."""
    after_dot = number > 0 and found[number - 1] == "."
    keyword = (
        number > 0
        and found[number - 1] in {"(", ","}
        and found[number + 1 : number + 2] == ["="]
        and found[number + 2 : number + 3] != ["="]
        and any(token in _OPENING for token in islice(found, number))
    )
    return not after_dot and not keyword


def _with_whole_strings(text: str) -> Iterator[str]:
    """Yield the lines of code; a string in triple quotes stays in one piece with the line that it begins in."""
    pieces: list[str] = []
    end = 0
    for match in (*_TRIPLE.finditer(text), None):
        first, *others = text[end : match.start() if match else len(text)].split("\n")
        pieces.append(first)
        for line in others:
            yield "".join(pieces)
            pieces = [line]
        if match:
            pieces.append(match[0])
            end = match.end()
    yield "".join(pieces)


def _tokens(line: str) -> Iterator[str]:
    end = 0
    for match in _TRIPLE.finditer(line):
        yield from map(_plain_quotes, tokens(line[end : match.start()]))
        yield match[0]
        end = match.end()
    yield from map(_plain_quotes, tokens(line[end:]))


def _plain_quotes(token: str) -> str:
    """Write a string that holds neither quotes nor backslashes in one way."""
    match = _STRING.fullmatch(token)
    return f'{match[1].lower().replace("u", "")}"{match[3]}"' if match else token


def _is_docstring(statement: Statement) -> bool:
    return len(statement.tokens) == 1 and _TRIPLE.fullmatch(statement.tokens[0]) is not None


def _without_last_commas(found: list[str]) -> list[str]:
    """Leave out commas before closing brackets, but where one stands alone in its brackets and may make a tuple."""
    kept: list[str] = []
    commas: list[int] = []
    for token in found:
        if token in _OPENING:
            commas.append(0)
        elif token == "," and commas:
            commas[-1] += 1
        elif token in _CLOSING and commas and commas.pop() > 1 and kept[-1] == ",":
            kept.pop()
        kept.append(token)
    return kept
