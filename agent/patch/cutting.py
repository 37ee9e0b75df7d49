"""A diff's lines cut into files, and each file's lines into header, hunks and binary data, as ``git apply`` finds them.

This is the one place that cuts diffs. Where the cuts are is all it says: no line is lost or changed by it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from environments.errors import DataError

_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@", re.ASCII)
_BINARY = re.compile(r"Binary files? \S.* (differ|has changed)$")
_BLOCK = re.compile(r"(?:literal|delta) \d+\s*", re.ASCII)
_DATA = re.compile(r"[A-Za-z][0-9A-Za-z!#$%&()*+\-;<=>?@^_`{|}~]+\s*", re.ASCII)
GIT_BINARY = "GIT binary patch"
_GIT_LINES = (
    *("index ", "old mode ", "new mode ", "new file mode ", "deleted file mode "),
    *("similarity index ", "dissimilarity index ", "rename from ", "rename to ", "copy from ", "copy to "),
)
"""How the lines between ``diff --git`` and ``---`` begin."""
_LEADING = ("Index: ", "diff ", "=== ")
"""How the first line begins that other systems write above ``---``: svn and cvs, diff -r and hg, bzr."""
_LOST_LINES = 3
"""Context lines at a hunk's end that its writer may have stripped: a hunk has three, and blank ones look like none."""
_WORDS = re.compile(r"\[-[^\]]{0,200}-\]|\{\+[^}]{0,200}\+\}|^~$")
"""How git diff --word-diff marks what goes and what comes."""
_ENVELOPE = "*** Begin Patch"


class PatchError(DataError, ValueError):
    """A diff that cannot be read or applied; one line that says why."""


@dataclass(frozen=True)
class Hunk:
    """One hunk, whole: as many lines as its header says."""

    head: str
    """``@@ -1,3 +1,4 @@``."""
    heading: str
    """What follows on the same line."""
    lines: tuple[str, ...]
    """Each begins with its sign: empty context lines, and ones at the end, that were stripped are put back."""


@dataclass
class Part:
    """One file's lines of a diff."""

    start: int
    """Index of its first line."""
    end: int = 0
    """Index of the line after its last one: what follows until the next part is no part of a diff."""
    header: list[str] = field(default_factory=list)
    """Without the white space at their ends."""
    hunks: list[Hunk] = field(default_factory=list)
    binary: list[str] = field(default_factory=list)
    """Git's binary data, each block closed by an empty line; without the line above them."""

    @property
    def is_git(self) -> bool:
        """It has a header of git's."""
        return self.header[0].startswith("diff --git ")

    @property
    def expects_names(self) -> bool:
        """It has a header of git's whose ``---`` and ``+++`` lines may follow."""
        return self.is_git and not self.hunks and not any(_ends_header(line) for line in self.header)


def parts(lines: Sequence[str]) -> list[Part]:
    """Cut the lines of a diff, given without their line feeds, into files. Prose and the like is passed over.

    Raises PatchError where a hunk has no file, no line numbers, or another length than it says.
    """
    found: list[Part] = []
    number = 0
    while number < len(lines):
        after = _take(lines, number, found)
        if after > number:
            found[-1].end = after
        number = max(after, number + 1)
    return found


def cuts(lines: Sequence[str], found: Sequence[Part]) -> list[tuple[int, int]]:
    """Return for each part where its share of all the lines begins and ends: together the shares are the whole.

    What stands before the first part is the first one's; what stands between two belongs to the one before, but for
    the lines that svn, hg or diff -r write above a file's own.
    """
    starts = [0]
    for before, part in pairwise(found):
        between = range(before.end, part.start)
        starts.append(next((number for number in between if lines[number].startswith(_LEADING)), part.start))
    return list(zip(starts, [*starts[1:], len(lines)], strict=True))


def _take(lines: Sequence[str], number: int, found: list[Part]) -> int:
    """Give what begins at a line to its file; return the index after it, the same index where it is no part of any."""
    line = lines[number]
    if line.startswith("@@"):
        return _take_hunk(lines, number, found)
    if line.startswith("diff --git "):
        found.append(Part(number, header=[line.rstrip()]))
        return number + 1
    open_header = bool(found) and found[-1].expects_names
    if _names_file(lines, number, open_header=open_header):
        if not open_header:
            found.append(Part(number))
        found[-1].header += [line.rstrip(), lines[number + 1].rstrip()]
        return number + 2
    if open_header and line.startswith(GIT_BINARY):
        return _take_binary(lines, number, found[-1])
    if _BINARY.match(line.rstrip()):
        if not open_header:
            found.append(Part(number))
        found[-1].header.append(line.rstrip())
        return number + 1
    if open_header and line.startswith(_GIT_LINES):
        found[-1].header.append(line.rstrip())
        return number + 1
    if line.startswith(_ENVELOPE):
        raise PatchError(f"not a unified diff: it is in the form of {_ENVELOPE!r}; write it as git diff does")
    return number


def _ends_header(line: str) -> bool:
    return line.startswith(("+++ ", GIT_BINARY)) or bool(_BINARY.match(line))


def _names_file(lines: Sequence[str], number: int, *, open_header: bool) -> bool:
    """Tell the ``---`` line of a file from prose: ``+++`` follows, and a hunk unless git's header came before."""
    if not lines[number].startswith("--- ") or not _starts(lines, number + 1, "+++ "):
        return False
    return open_header or _starts(lines, number + 2, "@@")


def _starts(lines: Sequence[str], number: int, opening: str) -> bool:
    return number < len(lines) and lines[number].startswith(opening)


def _take_binary(lines: Sequence[str], number: int, part: Part) -> int:
    """Give git's binary data to its file: a block, and another that takes it back; return the index after them.

    A block ends with an empty line, which is missing where the end of a diff was stripped.
    """
    part.header.append(lines[number].rstrip())
    number += 1
    while number < len(lines) and _BLOCK.fullmatch(lines[number]):
        part.binary.append(lines[number].rstrip())
        number += 1
        while number < len(lines) and _DATA.fullmatch(lines[number]):
            part.binary.append(lines[number].rstrip())
            number += 1
        part.binary.append("")
        if number < len(lines) and not lines[number].strip():
            number += 1
    return number


def _take_hunk(lines: Sequence[str], number: int, found: Sequence[Part]) -> int:
    """Give the hunk that starts here to the last file; return the index of the first line after it."""
    header = _HUNK.match(lines[number])
    if header is None:
        if lines[number].startswith("@@@"):
            raise PatchError("not a unified diff: it is the combined diff of a merge; write it as git diff BASE does")
        raise PatchError(f"not a unified diff: line {number + 1} is no hunk header with line numbers")
    if not found:
        raise PatchError(f"not a unified diff: the hunk at line {number + 1} belongs to no file")
    old, new = int(header[2] or 1), int(header[4] or 1)
    body, end = _hunk_body(lines, number, old, new)
    if not any(line.startswith(("+", "-")) for line in body) and (old or new):
        raise PatchError(
            f"not a unified diff: the hunk at line {number + 1} changes nothing; write it without --word-diff"
        )
    # The whole diff was rewritten with these ends of lines, as patch takes it too; in a hunk alone they are the file's.
    if lines[number].endswith("\r") and lines[found[-1].start].endswith("\r"):
        body = [line.removesuffix("\r") for line in body]
    if old or new:
        found[-1].hunks.append(Hunk(header[0], lines[number][header.end() :].removesuffix("\r"), tuple(body)))
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
                raise _wrong_length(start, "shorter", [*lines[start:number], line or ""])
            lost = " \r" if body and all(line.endswith("\r") for line in body) else " "
            return body + [lost] * old, number
        old -= line[:1] not in ("+", "\\")
        new -= line[:1] not in ("-", "\\")
        if old < 0 or new < 0:
            raise _wrong_length(start, "longer", lines[start:number])
        body.append(f" {line}" if line in ("", "\r") else line)
        number += 1
    while _starts(lines, number, "\\"):
        body.append(lines[number])
        number += 1
    return body, number


def _is_next_file(lines: Sequence[str], number: int, missing: int) -> bool:
    """Tell names of the next file from a removed and an added line, where the hunk lacks ``missing`` context lines."""
    named = _starts(lines, number, "--- ") and _starts(lines, number + 1, "+++ ")
    return missing > 1 and named and _starts(lines, number + 2, "@@ -")


def _wrong_length(start: int, word: str, shown: Sequence[str]) -> PatchError:
    hint = "; write it without --word-diff" if any(map(_WORDS.search, shown)) else ""
    return PatchError(f"not a unified diff: the hunk at line {start + 1} is {word} than its header says{hint}")
