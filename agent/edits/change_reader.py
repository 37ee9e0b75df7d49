"""Reads the parts of an answer: SEARCH/REPLACE blocks, DELETE and RENAME lines, or the hunks of a unified diff."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from agent.edits.block import Block, Change, Move, Removal
from agent.edits.edit import EditError
from agent.edits.unified import changes_of_diff

FORM = "Write the file's path on a line, then <<<<<<< SEARCH, =======, >>>>>>> REPLACE on lines of their own."

_SEARCH = re.compile(r"^<{5,9} ?SEARCH\s*$")
_DIVIDER = re.compile(r"^=======\s*$")
_REPLACE = re.compile(r"^>{5,9} ?REPLACE\s*$")
_PATH = re.compile(r"\S*[./]\S*")
_NAME = r"[`'\"]?([^\s`'\"]+)[`'\"]?"
_DELETE = re.compile(rf"^[*`]*DELETE[*`]*:?[ \t]+{_NAME}[ \t*`]*$")
_RENAME = re.compile(rf"^[*`]*RENAME[*`]*:?[ \t]+{_NAME}[ \t]+(?:->|→|=>|to)[ \t]+{_NAME}[ \t*`]*$")


def changes_of(answer: str, files: Container[str]) -> list[Change]:
    """Return what an answer asks for, in its order; a diff is read only where there is nothing else.

    Raises EditError on a block that is not whole.
    """
    text = answer.replace("\r\n", "\n")
    return list(_parts(text, files)) or changes_of_diff(text)


def path_changes(answer: str) -> list[Change]:
    """Return the files that an answer removes or moves."""
    return [change for line in answer.splitlines() if (change := _path_change(line)) is not None]


def _parts(text: str, files: Container[str]) -> Iterator[Change]:
    path, before = "", ""
    body: list[str] | None = None
    for line in text.split("\n"):
        if body is None:
            if _SEARCH.match(line):
                path, body = before or path, []
                if not path:
                    raise EditError(f"A block does not say which file it changes. {FORM}")
            elif (change := _path_change(line)) is not None:
                yield change
            elif _PATH.fullmatch(name := line.strip().strip("`*#: ")) or name in files:
                before = name
        elif _SEARCH.match(line):
            raise EditError(f"A block for {path} has no >>>>>>> REPLACE line. {FORM}")
        elif _REPLACE.match(line):
            yield _block(path, body)
            body, before = None, ""
        else:
            body.append(line)
    if body is not None:
        raise EditError(f"The last block has no >>>>>>> REPLACE line; was it cut off? {FORM}")


def _block(path: str, body: list[str]) -> Block:
    dividers = [number for number, line in enumerate(body) if _DIVIDER.match(line)]
    if not dividers:
        raise EditError(f"A block for {path} has no ======= line. {FORM}")
    return Block(path, tuple((tuple(body[:number]), tuple(body[number + 1 :])) for number in dividers))


def _path_change(line: str) -> Removal | Move | None:
    if found := _DELETE.match(line.strip()):
        return Removal(found[1])
    if found := _RENAME.match(line.strip()):
        return Move(found[1], found[2])
    return None
