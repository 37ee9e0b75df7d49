"""The SEARCH/REPLACE format: whole lines, matched exactly and once, or refused with what the file really says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from agent.context.source import SourceText
from agent.edits.edit import Edit, EditError, NoChange, check_new_path, check_syntax, encoded
from agent.edits.nearest import nearest_hint

_SEARCH = re.compile(r"^<{5,9} ?SEARCH\s*$")
_DIVIDER = re.compile(r"^=======\s*$")
_REPLACE = re.compile(r"^>{5,9} ?REPLACE\s*$")
_PATH = re.compile(r"\S*[./]\S*")
_FORM = "Write the file's path on a line, then <<<<<<< SEARCH, =======, >>>>>>> REPLACE on lines of their own."


@dataclass(frozen=True)
class _Block:
    path: str
    splits: tuple[tuple[list[str], list[str]], ...]
    """(search, replace) for every line that may be the divider; more than one where the code has such lines."""


def parse_search_replace(answer: str, files: Mapping[str, bytes]) -> Edit:
    """Apply the blocks of an answer to ``files``, the tree's present files.

    All SEARCH parts are matched against the files as they are, before any block is applied. An empty SEARCH part
    makes a new file. Raises EditError; nothing is applied then.
    """
    by_path: dict[str, list[_Block]] = {}
    for block in _blocks(answer, files):
        by_path.setdefault(block.path, []).append(block)
    if not by_path:
        raise EditError(f"No edit found. {_FORM}")
    changed: dict[str, bytes | None] = {}
    for path, blocks in by_path.items():
        after = _changed(path, blocks, files) if path in files else _new_file(path, blocks, files)
        if after != files.get(path):
            changed[path] = after
    if not changed:
        raise NoChange(" and ".join(by_path))
    return Edit(files=changed)


def _blocks(answer: str, files: Mapping[str, bytes]) -> Iterator[_Block]:
    path, before = "", ""
    body: list[str] | None = None
    for line in answer.replace("\r\n", "\n").split("\n"):
        if body is None:
            if _SEARCH.match(line):
                path, body = before or path, []
                if not path:
                    raise EditError(f"A block does not say which file it changes. {_FORM}")
            elif _PATH.fullmatch(name := line.strip().strip("`*#: ")) or name in files:
                before = name
        elif _SEARCH.match(line):
            raise EditError(f"A block for {path} has no >>>>>>> REPLACE line. {_FORM}")
        elif _REPLACE.match(line):
            yield _block(path, body)
            body, before = None, ""
        else:
            body.append(line)
    if body is not None:
        raise EditError(f"The last block has no >>>>>>> REPLACE line; was it cut off? {_FORM}")


def _block(path: str, body: list[str]) -> _Block:
    dividers = [number for number, line in enumerate(body) if _DIVIDER.match(line)]
    if not dividers:
        raise EditError(f"A block for {path} has no ======= line. {_FORM}")
    return _Block(path, tuple((body[:number], body[number + 1 :]) for number in dividers))


def _new_file(path: str, blocks: Sequence[_Block], files: Mapping[str, bytes]) -> bytes:
    empty = [split for block in blocks for split in block.splits if not split[0]]
    if not empty:
        near = get_close_matches(path, list(files), n=3, cutoff=0.5)
        raise EditError(f"There is no file {path}." + (f" Near it: {', '.join(near)}." if near else ""))
    check_new_path(path, files)
    if len(blocks) > 1:
        raise EditError(f"{path} is a new file; give its whole text in one block.")
    raw = "".join(line + "\n" for line in empty[0][1]).encode()
    check_syntax(path, b"", raw)
    return raw


def _changed(path: str, blocks: Sequence[_Block], files: Mapping[str, bytes]) -> bytes:
    source = SourceText.of(files[path])
    lines = source.text.split("\n")
    plain = [line.removesuffix("\r") for line in lines]
    plain[0] = plain[0].removeprefix("\ufeff")
    places: list[tuple[int, int, list[str]]] = []
    for block in blocks:
        start, search, replace = _place(block, plain, files)
        if any(start < end and other < start + len(search) for other, end, _ in places):
            raise EditError(f"Two blocks for {path} change the same lines. Put that change into one block.")
        places.append((start, start + len(search), replace))
    for start, end, replace in sorted(places, key=lambda place: -place[0]):
        lines[start:end] = _with_ends(replace, lines[start:end], source.newline, at_top=start == 0)
    after = encoded(source, "\n".join(lines), path)
    check_syntax(path, files[path], after)
    return after


def _with_ends(new: list[str], old: Sequence[str], newline: str, *, at_top: bool) -> list[str]:
    """Give new lines the file's line end; the last one keeps the end of the last line it replaces."""
    carriage = "\r" if newline == "\r\n" else ""
    ended = [line + carriage for line in new]
    if ended:
        ended[-1] = new[-1] + ("\r" if old[-1].endswith("\r") else "")
        if at_top and old[0].startswith("\ufeff"):
            ended[0] = "\ufeff" + ended[0]
    return ended


def _place(block: _Block, lines: Sequence[str], files: Mapping[str, bytes]) -> tuple[int, list[str], list[str]]:
    """Return where a block's SEARCH part stands, and both its parts; raise EditError unless that is one place."""
    found = [(starts, split) for split in block.splits if len(starts := _find(split[0], lines)) == 1]
    if len(found) == 1:
        starts, (search, replace) = found[0]
        return starts[0], search, replace
    if found:
        raise EditError(f"A block for {block.path} has several ======= lines; quote fewer lines, so that it has one.")
    search = block.splits[0][0]
    if not search:
        raise EditError(f"{block.path} exists already: the SEARCH part must quote the lines to change.")
    starts = _find(search, lines)
    if starts:
        numbers = ", ".join(str(start + 1) for start in starts[:5])
        raise EditError(
            f"The SEARCH part matches {len(starts)} places of {block.path} (lines {numbers}). "
            "Quote more of the lines around the one you mean."
        )
    raise EditError(_not_found(block.path, search, lines, files))


def _find(search: Sequence[str], lines: Sequence[str]) -> list[int]:
    """Return the numbers, from 0, of the lines where ``search`` stands."""
    if not search:
        return [0] if list(lines) == [""] else []
    size = len(search)
    return [n for n in range(len(lines) - size + 1) if lines[n] == search[0] and list(lines[n : n + size]) == search]


def _not_found(path: str, search: Sequence[str], lines: Sequence[str], files: Mapping[str, bytes]) -> str:
    message = f"The SEARCH part is not in {path}."
    for other, raw in files.items():
        text = SourceText.of(raw).text.replace("\r\n", "\n")
        if other != path and _find(search, text.split("\n")):
            return f"{message} It is in {other}: did you mean that file?"
    return f"{message}{nearest_hint(search, lines)}"
