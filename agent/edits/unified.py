"""Reads a unified diff in an answer as blocks: its hunks must stand in the files word for word, wherever they stand.

Models count the lines of a hunk wrongly more often than not, so the numbers in ``@@`` only tell equal places apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.edits.block import Block, Change, Move, Removal

_OLD = re.compile(r"^--- (?:a/)?([^\t]+?)(?:\t.*)?[ ]*$")
_NEW = re.compile(r"^\+\+\+ (?:b/)?([^\t]+?)(?:\t.*)?[ ]*$")
_HUNK = re.compile(r"^@@(?: -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@| |$)")
_FROM, _TO = re.compile(r"^rename from (.+?)[ ]*$"), re.compile(r"^rename to (.+?)[ ]*$")
_FENCE = re.compile(r"^(`{3,8}|~{3,8})")
_NOWHERE = "/dev/null"


def changes_of_diff(text: str) -> list[Change]:
    """Return what the diff in an answer asks for; nothing where there is none."""
    return list(_read(text.split("\n")))


def _read(lines: list[str]) -> Iterator[Change]:
    old = new = origin = ""
    number = 0
    while number < len(lines):
        line = lines[number]
        if found := _FROM.match(line):
            origin = found[1]
        elif (found := _TO.match(line)) and origin:
            yield Move(origin, found[1])
            origin = ""
        elif (found := _OLD.match(line)) and number + 1 < len(lines) and (other := _NEW.match(lines[number + 1])):
            old, new = found[1], other[1]
            number += 1
            if new == _NOWHERE:
                yield Removal(old)
        elif old and new != _NOWHERE and (found := _HUNK.match(line)):
            body, number = _hunk(lines, number + 1)
            yield _block(new, body, int(found[1] or 0))
            continue
        number += 1


def _hunk(lines: list[str], start: int) -> tuple[list[str], int]:
    """Return the lines of a hunk, and where what follows begins."""
    end = start
    while end < len(lines) and not _ends(lines, end):
        end += 1
    body = [line for line in lines[start:end] if not line.startswith("\\")]
    while body and not body[-1]:
        body.pop()  # the blank lines between a diff and what follows it
    return body, end


def _ends(lines: list[str], number: int) -> bool:
    line = lines[number]
    if line.startswith(("@@", "diff --git ", "Index: ")) or _FENCE.match(line):
        return True
    if line.startswith("--- ") and number + 1 < len(lines) and lines[number + 1].startswith("+++ "):
        return True
    return bool(line) and line[0] not in " +-\\\t"


def _block(path: str, body: list[str], line: int) -> Block:
    search = tuple(one[1:] for one in body if not one.startswith("+"))
    replace = tuple(one[1:] for one in body if not one.startswith("-"))
    return Block(path, ((search, replace),), line)
