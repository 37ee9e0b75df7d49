"""Where a sample may change the code: one function that the reproduction executes, as whole lines of its file."""

from __future__ import annotations

import ast
import hashlib
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from agent.context.source import SourceText
from agent.context.symbols import Symbol, symbols_of
from agent.patch import make_patch
from agent.scaffolds.sampling.words import Word, words_of
from agent.scaffolds.scaffold import Executed
from environments.python_source import parse_python

_WHERE_IT_FAILED = 2.0
"""A judgement, not measured: where an exception leaves a line, a fault is often in that line."""
_LONG_DOCSTRING = 3
"""Lines."""
_LEAVES = re.compile(r"\s*(?:return|raise|continue|break)\b")
"""A statement after which its block is left."""


@dataclass(frozen=True)
class Place:
    """One function with the lines of it that were executed. Lines are counted from 0 within the function."""

    symbol: Symbol
    raw: bytes
    """Its file."""
    in_turn: tuple[int, ...]
    """The executed lines, as they are asked about: the most suspicious first; statements of its body, not its head."""
    score: float
    """How suspicious the trace finds it."""
    failed: tuple[int, ...] = ()
    """Those of them that the failure went through."""

    @property
    def told(self) -> dict[str, Any]:
        """What it is made of again (see `executed_of`), for the record."""
        lines, failed = ([self.symbol.line + number for number in some] for some in (self.in_turn, self.failed))
        told = {"path": self.symbol.path, "name": self.symbol.name, "lines": lines, "score": self.score}
        return {**told, "failed": failed}

    @cached_property
    def executed(self) -> tuple[int, ...]:
        """The executed lines in source order."""
        return tuple(sorted(self.in_turn))

    def prior(self, number: int) -> float:
        """Return what a line has ahead of others before the model has said anything, as a log-probability."""
        return _WHERE_IT_FAILED if number in self.failed else 0.0

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Its source, line by line."""
        return tuple(self.symbol.source.split("\n"))

    @cached_property
    def documentation(self) -> frozenset[int]:
        """The lines of docstrings in it that are more than a short prompt has room for."""
        tree = _parsed(self.symbol.source)
        found: set[int] = set()
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and ast.get_docstring(node):
                text = node.body[0]
                lines = range(text.lineno - 1, text.end_lineno or text.lineno)
                found.update(lines if len(lines) > _LONG_DOCSTRING else ())
        return frozenset(found)

    @cached_property
    def bare_lines(self) -> tuple[str, ...]:
        """Its lines without comments."""
        bare = list(self.lines)
        for word in words_of(self.symbol.source):
            if word.comment:
                bare[word.line] = bare[word.line][: word.start].rstrip()
        return tuple(bare)

    @cached_property
    def texts(self) -> tuple[Word, ...]:
        """The texts of its file, those of its own first, each once."""
        words = (*words_of(self.symbol.source), *words_of(SourceText.of(self.raw).text))
        return tuple({word.text: word for word in reversed(words) if word.opening}.values())[::-1]

    @cached_property
    def fingerprint(self) -> str | None:
        """What `fingerprint` says of it as it is."""
        return fingerprint(self.symbol.source)

    def with_line(self, number: int, *new: str) -> str:
        """Return its source with line ``number`` replaced."""
        return "\n".join((*self.lines[:number], *new, *self.lines[number + 1 :]))

    def patch(self, source: str) -> str | None:
        """Return the patch that makes its source ``source``; None where its file's encoding lacks a character."""
        file = SourceText.of(self.raw)
        data = file.text.encode()
        new = source.replace("\n", file.newline).encode()
        try:
            after = file.encode((data[: self.symbol.start] + new + data[self.symbol.end :]).decode())
        except UnicodeError:
            return None
        return make_patch({self.symbol.path: self.raw}, {self.symbol.path: after})

    def found_in(self, changed: Mapping[str, bytes | None]) -> str | None:
        """Return its source in changed files; None where they change another one, or have it no more."""
        if set(changed) != {self.symbol.path} or (raw := changed[self.symbol.path]) is None:
            return None
        known = {symbol.name: symbol.source for symbol in symbols_of(self.symbol.path, raw)}
        return known.get(self.symbol.name)


def executed_of(told: Mapping[str, Any]) -> Executed:
    """Return an executed function as it stands on record; records of before hold no lines that failed."""
    return Executed(told["path"], told["name"], tuple(told["lines"]), told["score"], tuple(told.get("failed", ())))


def line_meant(place: Place, number: int, *written: str) -> tuple[str, ...]:
    """Return what a function may be meant to become by lines that were written at the place of another one.

    They take that one's place, or stand before it, unless it would then never be reached; the head of a block may also
    be meant to guard it.
    """
    lines = [line.rstrip() for line in written]
    if not lines or not lines[0].strip():
        return ()
    old = place.lines[number]
    meant = [place.with_line(number, *lines)]
    if not (_LEAVES.match(lines[-1]) and _indent(lines[-1]) <= _indent(old)):
        meant.append(place.with_line(number, *lines, old))
    if len(lines) == 1 and lines[0].endswith(":"):
        meant.append(place.with_line(number, lines[0], f"    {old}"))
    return tuple(meant)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def fingerprint(source: str) -> str | None:
    """Return a hash of a function's syntax tree, which white space and comments do not alter; None: it does not parse.

    Only as a function stands in a file does it count as one: its decorators, and nothing beside it.
    """
    tree = _parsed(source)
    if tree is None or len(tree.body) != 1 or not isinstance(tree.body[0], ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    return hashlib.sha256(ast.dump(tree).encode(errors="surrogatepass")).hexdigest()[:16]


def _parsed(source: str) -> ast.Module | None:
    try:
        return parse_python(textwrap.dedent(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
