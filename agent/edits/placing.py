"""Where the parts of an answer stand in the tree's files, and what is wrong with those that stand nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from agent.context.source import SourceText
from agent.edits.block import Block, Change, Lines, Move, Removal
from agent.edits.edit import EditError, check_editable, check_new_path
from agent.edits.nearest import nearest_hint, numbered

_SHOWN_PLACES = 3
_LINES_BEFORE = 4


@dataclass(frozen=True)
class Placed:
    """A block at its place."""

    block: Block
    start: int
    """Its first line, from 0."""
    search: Lines
    replace: Lines

    def overlaps(self, other: Placed) -> bool:
        """Tell whether two blocks change the same lines, or make the same new file."""
        if self.block.path != other.block.path:
            return False
        ends = self.start + max(1, len(self.search)), other.start + max(1, len(other.search))
        return self.start < ends[1] and other.start < ends[0]


@dataclass
class Placing:
    """The parts that were taken so far; all of them are about the files as they are."""

    files: Mapping[str, bytes]
    blocks: list[Placed] = field(default_factory=list)
    removed: list[Removal] = field(default_factory=list)
    moved: list[Move] = field(default_factory=list)

    @property
    def taken(self) -> list[Change]:
        """All that was taken, so that it can be kept."""
        return [*self.moved, *self.removed, *(placed.block for placed in self.blocks)]

    def take(self, changes: Sequence[Change]) -> list[str]:
        """Take the parts that fit; return a message for each of the others."""
        refused = []
        ordered = sorted(changes, key=lambda change: isinstance(change, Block))  # blocks may be about moved files
        for change in ordered:
            try:
                self._take(change)
            except EditError as error:
                refused.append(error.message_for_model)
        return refused

    def keep(self, kept: Sequence[Change]) -> None:
        """Take what fitted in an earlier answer, but where a new part is about the same lines or file."""
        for change in sorted(kept, key=lambda change: isinstance(change, Block)):
            try:
                self._take(change)
            except EditError:
                continue  # superseded: it fitted before, and these files have not changed

    def origin(self, path: str) -> str:
        """Return the path under which a file stands in the tree now."""
        return next((move.path for move in self.moved if move.to == path), path)

    def by_path(self) -> dict[str, list[Placed]]:
        """Return the blocks of each file that is there afterwards and changed or moved."""
        found: dict[str, list[Placed]] = {move.to: [] for move in self.moved}
        for placed in self.blocks:
            found.setdefault(placed.block.path, []).append(placed)
        return found

    def gone(self) -> dict[str, None]:
        """Return the paths that are no longer there."""
        return dict.fromkeys([*(one.path for one in self.removed), *(move.path for move in self.moved)])

    def _take(self, change: Change) -> None:
        if isinstance(change, Block):
            self.blocks.append(self._placed(change))
            return
        path = change.path
        _check_there(path, self.files)
        if path in self.gone() or any(placed.block.path == path for placed in self.blocks):
            raise EditError(f"{path} is changed, removed or renamed twice in your answer.")
        if isinstance(change, Removal):
            self.removed.append(change)
            return
        if change.to in self.files or change.to in {move.to for move in self.moved}:
            raise EditError(f"{path} cannot become {change.to}: there is a file of that name.")
        check_new_path(change.to, self.files)
        self.moved.append(change)

    def _placed(self, block: Block) -> Placed:
        if block.path in self.gone():
            to = next((f": it is {move.to} now" for move in self.moved if move.path == block.path), "")
            raise EditError(f"{block.path} is removed or renamed in your answer and cannot be changed too{to}.")
        origin = self.origin(block.path)
        placed = _at_place(block, origin, self.files) if origin in self.files else _new_file(block, self.files)
        if any(placed.overlaps(other) for other in self.blocks):
            if origin not in self.files:
                raise EditError(f"{block.path} is a new file; give its whole text in one block.")
            raise EditError(f"Two blocks for {block.path} change the same lines. Put that change into one block.")
        return placed


def _check_there(path: str, files: Mapping[str, bytes]) -> None:
    """Raise EditError unless there is a file of text of this path."""
    check_editable(path, files)
    if path not in files:
        near = get_close_matches(path, list(files), n=3, cutoff=0.5)
        raise EditError(f"There is no file {path}." + (f" Near it: {', '.join(near)}." if near else ""))


def _new_file(block: Block, files: Mapping[str, bytes]) -> Placed:
    empty = [split for split in block.splits if not split[0]]
    if not empty:
        _check_there(block.path, files)
    check_new_path(block.path, files)
    return Placed(block, 0, (), empty[0][1])


def _at_place(block: Block, origin: str, files: Mapping[str, bytes]) -> Placed:
    """Return a block at the one place where its SEARCH part stands."""
    check_editable(origin, files)
    lines = _plain_lines(files[origin])
    found = []
    for split in block.splits:
        starts = _find(split[0], lines)
        if len(starts) > 1 and block.line - 1 in starts:
            starts = [block.line - 1]
        if len(starts) == 1:
            found.append(Placed(block, starts[0], *split))
    if len(found) == 1:
        return found[0]
    if found:
        raise EditError(f"A block for {block.path} has several ======= lines; quote fewer lines, so that it has one.")
    search = block.splits[0][0]
    if not search:
        raise EditError(f"{block.path} exists already: the SEARCH part must quote the lines to change.")
    if starts := _find(search, lines):
        raise EditError(_ambiguous(block.path, starts, search, lines))
    raise EditError(_not_found(origin, search, lines, files))


def _plain_lines(raw: bytes) -> list[str]:
    lines = [line.removesuffix("\r") for line in SourceText.of(raw).text.split("\n")]
    lines[0] = lines[0].removeprefix("\ufeff")
    return lines


def _find(search: Lines, lines: Sequence[str]) -> list[int]:
    """Return the numbers, from 0, of the lines where ``search`` stands."""
    wanted = list(search)
    if not wanted:
        return [0] if list(lines) == [""] else []
    size = len(wanted)
    return [n for n in range(len(lines) - size + 1) if lines[n] == wanted[0] and list(lines[n : n + size]) == wanted]


def _ambiguous(path: str, starts: Sequence[int], search: Lines, lines: Sequence[str]) -> str:
    numbers = ", ".join(str(start + 1) for start in starts[:5])
    places = [numbered(lines, max(0, start - _LINES_BEFORE), start + len(search)) for start in starts[:_SHOWN_PLACES]]
    return (
        f"The SEARCH part matches {len(starts)} places of {path} (lines {numbers}). "
        "Quote more of the lines around the one you mean:\n```\n" + "\n...\n".join(places) + "\n```"
    )


def _not_found(path: str, search: Lines, lines: Sequence[str], files: Mapping[str, bytes]) -> str:
    message = f"The SEARCH part `{search[0].strip()[:80]}` is not in {path}."
    for other in files:
        if other.endswith(".py") and other != path and _find(search, _plain_lines(files[other])):
            return f"{message} It is in {other}: did you mean that file?"
    return f"{message}{nearest_hint(search, lines)}"
