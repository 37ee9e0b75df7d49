"""Whether two changes that read the same are made at the same place."""

from __future__ import annotations

from collections.abc import Sequence

from agent.patch.change import Change, ChangedFile
from agent.patch.fingerprint import is_python
from agent.patch.statements import statements
from agent.patch.tokens import tokens

SAME_PLACE = 1
"""Lines that equal insertions may lie apart and be one: before or after a blank line. At 2 they skip an ``if``."""


def same_place(one: Change, other: Change) -> bool:
    """Tell whether changes with one fingerprint remove the same lines and add theirs at the same places.

    Without the base, lines that are only added can be placed to within ``SAME_PLACE`` lines.
    """
    files = zip(one.source, other.source, strict=True)
    return all(_removed(ours) == _removed(theirs) and _near(_added(ours), _added(theirs)) for ours, theirs in files)


def _near(ours: Sequence[int], theirs: Sequence[int]) -> bool:
    return len(ours) == len(theirs) and all(abs(a - b) <= SAME_PLACE for a, b in zip(ours, theirs, strict=True))


def _removed(file: ChangedFile) -> list[int]:
    """Return the numbers of the removed lines of code."""
    return [
        block.line + number
        for block in file.blocks
        for number, line in enumerate(block.removed)
        if _is_code(file.path, line)
    ]


def _added(file: ChangedFile) -> list[int]:
    """Return, for each added statement, the line that its block begins at."""
    found: list[int] = []
    for block in file.blocks:
        count = len(statements(block.added)) if is_python(file.path) else any(map(str.split, block.added))
        found += [block.line] * count
    return found


def _is_code(path: str, line: str) -> bool:
    return bool(tokens(line) if is_python(path) else line.split())
