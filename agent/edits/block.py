"""What one part of an answer asks for: lines of a file replaced, a file removed, a file moved."""

from __future__ import annotations

from dataclasses import dataclass

Lines = tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """Lines of a file, and those that take their place."""

    path: str
    splits: tuple[tuple[Lines, Lines], ...]
    """(search, replace) for every line that may be the divider; more than one where the code has such lines."""
    line: int = 0
    """Where its lines begin, from 1, as a diff says; 0: not said."""


@dataclass(frozen=True)
class Removal:
    """A file that goes."""

    path: str


@dataclass(frozen=True)
class Move:
    """A file that gets another path."""

    path: str
    to: str


Change = Block | Removal | Move
