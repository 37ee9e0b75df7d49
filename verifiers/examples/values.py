"""Finds calls, values and exception names in a sentence or a comment."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from enum import StrEnum

from environments.workbench.scripts.python_text import expression, literal

MAX_SPAN = 300
"""Characters of one inline call or value."""


class Sort(StrEnum):
    """What an atom is."""

    CALL = "call"
    VALUE = "value"
    EXCEPTION = "exception"


@dataclass(frozen=True)
class Atom:
    """A call, a value or an exception name in a text, at ``start:end``."""

    sort: Sort
    text: str
    start: int
    end: int
    marked: bool = False
    """It stands between backticks."""


_EXCEPTION = re.compile(r"(?<![\w`./])(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Exit|Iteration)(?![\w/]|\.\w)", re.ASCII)
_SPAN = re.compile(r"(`{1,2})(?!`)([^`\n]{1,300})\1(?!`)")
_CALL = re.compile(r"(?<![\w.`'\"])(?<!\w\*)[A-Za-z_]\w*(?:\.\w+)*\(")
_OPENER = re.compile(r"(?<![\w.`)\]])(?:[bBrRuU]{0,2}['\"]|[\[({]|-?\d|(?:None|True|False)\b)")
_EMPTY_WORDS = re.compile(r"\ban? empty (string|list|dict(?:ionary)?|tuple|set)\b")
_EMPTY = {"string": "''", "list": "[]", "dict": "{}", "dictionary": "{}", "tuple": "()", "set": "set()"}
_ENDS = re.compile(r"\s*(?:$|[,;.()!]|but\b|instead\b|expected\b|should\b|and\b|when\b|which\b)")
_CONSTRUCTOR = re.compile(r"(?:\w+\.)*(?:[A-Z]\w*|array|dict|set|frozenset|deque|tensor|mappingproxy)\(")
_GOES_ON = re.compile(r"\w|\.\d|-\w|/\w|%|:\s?\S|\s?\*")
"""What follows a number that is no value: a unit, a version, a date, a line number, a formula."""
_REPR = re.compile(r"<[A-Za-z_][\w.]*[ :'][^<>\n]{1,200}>")
_CLOSERS = {"(": ")", "[": "]", "{": "}"}


def find_atoms(text: str) -> list[Atom]:
    """Return the calls, literal values and exception names of a text, in order, none inside another."""
    atoms: list[Atom] = []
    at = 0
    finders = (_in_span, _exception, _call, _literal, _empty, _repr)
    while at < len(text):
        found = next((atom for finder in finders if (atom := finder(text, at)) is not None), None)
        if found is None:
            at += 1
            continue
        if found.text:
            atoms.append(found)
        at = max(found.end, at + 1)
    return atoms


def value_at(text: str) -> str | None:
    """Return the value that a text begins with: a Python literal, a call or other expression, or a repr in <>."""
    text = text.strip()
    for whole in (text, text.rstrip(".;,! ")):
        if literal(whole) is not None or looks_like_value(whole):
            return whole
    finders = (_literal, _in_span, _exception, _call, _repr)
    atom = next((found for finder in finders if (found := finder(text, 0)) is not None and found.text), None)
    return atom.text if atom is not None and _ENDS.match(text[atom.end :]) else None


def looks_like_value(text: str) -> bool:
    """Tell whether an expression that is no literal may be what a value looks like: a constructor call, a formula."""
    tree = expression(text)
    if isinstance(tree, ast.Call):
        return bool(_CONSTRUCTOR.match(text))
    return isinstance(tree, ast.BinOp | ast.UnaryOp | ast.List | ast.Dict | ast.Set | ast.Tuple)


def _in_span(text: str, at: int) -> Atom | None:
    match = _SPAN.match(text, at)
    if match is None:
        return None
    inner = match[2].strip()
    if _EXCEPTION.fullmatch(inner):
        return Atom(Sort.EXCEPTION, inner, at, match.end(), marked=True)
    if literal(inner) is not None:
        return Atom(Sort.VALUE, inner, at, match.end(), marked=True)
    tree = expression(inner)
    if tree is None or not _does_something(tree):
        shown = inner if re.fullmatch(r"<[^<>]+>", inner) else ""
        return Atom(Sort.VALUE, shown, at, match.end(), marked=True)  # a name: nothing to run, nothing to compare
    return Atom(Sort.CALL, inner, at, match.end(), marked=True)


def _does_something(tree: ast.expr) -> bool:
    """Tell whether an expression can be run for its value: more than names, with nothing left out by an ellipsis."""
    nodes = list(ast.walk(tree))
    left_out = any(isinstance(node, ast.Constant) and node.value is Ellipsis for node in nodes)
    return not left_out and any(isinstance(node, ast.Call | ast.Subscript | ast.Constant) for node in nodes)


def _exception(text: str, at: int) -> Atom | None:
    match = _EXCEPTION.match(text, at)
    return Atom(Sort.EXCEPTION, match[0], at, match.end()) if match else None


def _call(text: str, at: int) -> Atom | None:
    match = _CALL.match(text, at)
    if match is None:
        return None
    end = _balanced(text, match.end() - 1)
    if end is None:
        return None
    while end < len(text) and (more := re.match(r"\.\w+(?=\()|\.\w+(?=[\s,;`]|$)", text[end:])):
        after = end + more.end()
        closed = _balanced(text, after) if text[after : after + 1] == "(" else after
        if closed is None:
            break
        end = closed
    inner = text[at:end]
    tree = expression(inner)
    if (
        tree is None or not _does_something(tree) or re.search(r"\w\((?:s|es)?\)$", inner)
    ):  # error(s); f() names a function
        return None
    return Atom(Sort.CALL, inner, at, end)


def _literal(text: str, at: int) -> Atom | None:
    match = _OPENER.match(text, at)
    if match is None:
        return None
    first = text[match.end() - 1]
    if first in "'\"":
        end = _string_end(text, match.end() - 1)
    elif first in _CLOSERS:
        end = _balanced(text, at)
    else:
        number = re.match(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?j?|None|True|False", text[at:])
        end = at + number.end() if number else None
    if end is None or _GOES_ON.match(text, end):
        return None
    inner = text[at:end]
    return Atom(Sort.VALUE, inner, at, end) if literal(inner) is not None else None


def _empty(text: str, at: int) -> Atom | None:
    match = _EMPTY_WORDS.match(text, at)
    return Atom(Sort.VALUE, _EMPTY[match[1]], at, match.end()) if match else None


def _repr(text: str, at: int) -> Atom | None:
    match = _REPR.match(text, at)
    return Atom(Sort.VALUE, match[0], at, match.end()) if match else None


def _string_end(text: str, quote: int) -> int | None:
    mark, at = text[quote], quote + 1
    while at < min(len(text), quote + MAX_SPAN):
        if text[at] == "\\":
            at += 1
        elif text[at] == mark:
            return at + 1
        at += 1
    return None


def _balanced(text: str, opener: int) -> int | None:
    """Return the place after the bracket that closes the one at ``opener``; strings inside are skipped."""
    stack: list[str] = []
    at = opener
    while at < min(len(text), opener + MAX_SPAN):
        letter = text[at]
        if letter in "'\"":
            end = _string_end(text, at)
            if end is None:
                return None
            at = end
            continue
        if letter in _CLOSERS:
            stack.append(_CLOSERS[letter])
        elif letter in _CLOSERS.values():
            if not stack or stack.pop() != letter:
                return None
            if not stack:
                return at + 1
        at += 1
    return None
