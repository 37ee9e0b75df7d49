"""Whether two changes that read the same are made at the same place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.patch.change import Change, ChangedFile
from agent.patch.fingerprint import is_python
from agent.patch.statements import statements
from agent.patch.tokens import tokens

SAME_PLACE = 1
"""Lines that equal insertions may lie apart and be one: before or after a blank line. At 2 they skip an ``if``."""


@dataclass(frozen=True)
class _Insertion:
    line: int
    after: int
    """How many of the file's removed lines of code surely come before it."""
    until: int
    """How many at most: those of its own block may stand on either side."""


def same_place(one: Change, other: Change) -> bool:
    """Tell whether changes with one fingerprint remove the same lines and add theirs at the same places.

    Without the base, lines that are only added can be placed to within ``SAME_PLACE`` lines.
    """
    files = zip(one.source, other.source, strict=True)
    return all(_removed(ours) == _removed(theirs) and _near(_added(ours), _added(theirs)) for ours, theirs in files)


def _near(ours: Sequence[_Insertion], theirs: Sequence[_Insertion]) -> bool:
    return len(ours) == len(theirs) and all(
        abs(a.line - b.line) <= SAME_PLACE and a.after <= b.until and b.after <= a.until
        for a, b in zip(ours, theirs, strict=True)
    )


def _removed(file: ChangedFile) -> list[int]:
    """Return the numbers of the removed lines of code."""
    return [
        block.line + number
        for block in file.blocks
        for number, line in enumerate(block.removed)
        if _is_code(file.path, line)
    ]


def _added(file: ChangedFile) -> list[_Insertion]:
    """Return where each added statement stands."""
    found: list[_Insertion] = []
    before = 0
    for block in file.blocks:
        until = before + sum(_is_code(file.path, line) for line in block.removed)
        count = len(statements(block.added)) if is_python(file.path) else any(map(str.split, block.added))
        found += [_Insertion(block.line, before, until)] * count
        before = until
    return found


def _is_code(path: str, line: str) -> bool:
    return bool(tokens(line) if is_python(path) else line.split())
