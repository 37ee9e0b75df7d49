"""A diff's text cut into files, and each file's lines into header and hunks, as ``git apply`` finds them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@", re.ASCII)
_BINARY = re.compile(r"Binary files? \S.* (differ|has changed)$")
_LOST_LINES = 3
"""Context lines at a hunk's end that its writer may have stripped: a hunk has three, and blank ones look like none."""
_ENVELOPE = "*** Begin Patch"


class PatchError(ValueError):
    """A diff that cannot be read or applied; one line that says why."""


@dataclass
class Part:
    """One file's lines of a diff."""

    start: int
    """Index of its first line."""
    header: list[str] = field(default_factory=list)
    """Without the white space at their ends."""
    hunks: list[str] = field(default_factory=list)
    """As many lines as the hunks' headers say; stripped ones are put back."""

    @property
    def is_git(self) -> bool:
        """It has a header of git's."""
        return self.header[0].startswith("diff --git ")

    @property
    def expects_names(self) -> bool:
        """It has a header of git's whose ``---`` and ``+++`` lines may follow."""
        return self.is_git and not self.hunks and not any(_ends_header(line) for line in self.header)


def parts(lines: Sequence[str]) -> list[Part]:
    """Cut the lines of a diff into files. What is no part of a diff, such as prose, is passed over.

    Raises PatchError where a hunk has no file, no line numbers, or another length than it says.
    """
    found: list[Part] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        if line.startswith("@@"):
            number = _take_hunk(lines, number, found)
            continue
        if line.startswith("diff --git "):
            found.append(Part(number, [line.rstrip()]))
        elif _names_file(lines, number, found):
            if not (found and found[-1].expects_names):
                found.append(Part(number))
            found[-1].header += [line.rstrip(), lines[number + 1].rstrip()]
            number += 1
        elif found and found[-1].expects_names:
            found[-1].header.append(line.rstrip())
        elif _BINARY.match(line.rstrip()):
            found.append(Part(number, [line.rstrip()]))
        elif line.startswith(_ENVELOPE):
            raise PatchError(f"not a unified diff: it is in the form of {_ENVELOPE!r}; write it as git diff does")
        number += 1
    return found


def _ends_header(line: str) -> bool:
    return line.startswith(("+++ ", "GIT binary patch")) or bool(_BINARY.match(line))


def _names_file(lines: Sequence[str], number: int, found: Sequence[Part]) -> bool:
    """Tell the ``---`` line of a file from prose: ``+++`` follows, and a hunk unless git's header came before."""
    if not lines[number].startswith("--- ") or not _starts(lines, number + 1, "+++ "):
        return False
    return (bool(found) and found[-1].expects_names) or _starts(lines, number + 2, "@@")


def _starts(lines: Sequence[str], number: int, opening: str) -> bool:
    return number < len(lines) and lines[number].startswith(opening)


def _take_hunk(lines: Sequence[str], number: int, found: Sequence[Part]) -> int:
    """Give the hunk that starts here to the last file; return the index of the first line after it."""
    header = _HUNK.match(lines[number])
    if header is None:
        raise PatchError(f"not a unified diff: line {number + 1} is no hunk header with line numbers")
    if not found:
        raise PatchError(f"not a unified diff: the hunk at line {number + 1} belongs to no file")
    old, new = int(header[2] or 1), int(header[4] or 1)
    body, end = _hunk_body(lines, number, old, new)
    if old or new:
        found[-1].hunks += [header[0], *body]
    return end


def _hunk_body(lines: Sequence[str], start: int, old: int, new: int) -> tuple[list[str], int]:
    """Return a hunk's lines and the index after them; ``old`` and ``new`` are the lengths that its header gives."""
    body: list[str] = []
    number = start + 1
    while old or new:
        line = lines[number] if number < len(lines) else None
        if (
            line is None
            or line[:1] not in " +-\\\r"
            or (old == new <= _LOST_LINES and _is_next_file(lines, number, old))
        ):
            if old != new or old > _LOST_LINES:
                raise _wrong_length(start, "shorter")
            return body + [" "] * old, number
        old -= line[:1] not in ("+", "\\")
        new -= line[:1] not in ("-", "\\")
        if old < 0 or new < 0:
            raise _wrong_length(start, "longer")
        body.append(line)
        number += 1
    while _starts(lines, number, "\\"):
        body.append(lines[number])
        number += 1
    return body, number


def _is_next_file(lines: Sequence[str], number: int, missing: int) -> bool:
    """Tell names of the next file from a removed and an added line, where the hunk lacks ``missing`` context lines."""
    named = _starts(lines, number, "--- ") and _starts(lines, number + 1, "+++ ")
    return missing > 1 and named and _starts(lines, number + 2, "@@ -")


def _wrong_length(start: int, word: str) -> PatchError:
    return PatchError(f"not a unified diff: the hunk at line {start + 1} is {word} than its header says")
