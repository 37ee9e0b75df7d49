"""What a diff changes, in one form: no trace is left of the tool, or the system, that wrote it down.

Two diffs of the same change of the same base are equal here whatever their context, index lines, headings, prefixes,
line endings, order of files and order of lines within a block.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from unidiff import PatchedFile

from agent.patch.diff import quoted
from agent.patch.paths import is_cache_path, is_scratch_name, is_test_path
from agent.patch.sections import PatchError, Section, sections

Kind = Literal["modified", "new", "deleted"]

_LOST_LINES = 3
"""Context lines at a diff's end that a tool may have stripped: a diff has three, and blank ones look like nothing."""
_FIRST_DIFF_LINE = re.compile(r"^(diff --git |--- |Index: )", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """Changed lines with no unchanged line between them; white space at their ends is dropped."""

    line: int
    """Number, in the file before, of the first removed line, or of the line that the added ones come before."""
    removed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True)
class ChangedFile:
    """One file's part of a change."""

    path: str
    """Its path after the change; before it where the file is deleted."""
    kind: Kind
    blocks: tuple[Block, ...]
    renamed_from: str | None = None
    binary: bool = False


@dataclass(frozen=True)
class Change:
    """A diff's change of the source and of tests, files in the order of their paths; throw-away files are dropped."""

    source: tuple[ChangedFile, ...]
    tests: tuple[ChangedFile, ...]

    @property
    def patch(self) -> str:
        """The change of the source, written down in one form (see ``render``)."""
        return render(self.source)

    @property
    def key(self) -> str:
        """A hash, equal for diffs that make the same change of the source; empty where there is none."""
        return hashlib.sha256(self.patch.encode("utf-8", "surrogateescape")).hexdigest()[:12] if self.source else ""


def read_change(patch: str) -> Change:
    """Read any system's diff: of git, plain unified, with prose around it, CRLF, or its last blank lines stripped.

    An empty diff is an empty change. Raises PatchError where there is no diff, or none that can be read.
    """
    files = [_file(section) for section in _lenient(patch)]
    kept = sorted((file for file in files if file is not None), key=lambda file: file.path)
    return Change(
        source=tuple(file for file in kept if not is_test_path(file.path)),
        tests=tuple(file for file in kept if is_test_path(file.path)),
    )


def render(files: Iterable[ChangedFile]) -> str:
    """Write changed files as a unified diff without context; equal changes give equal text."""
    return "".join(map(_render, files))


def _lenient(patch: str) -> tuple[Section, ...]:
    """Read a diff; one that is cut short by blank lines which its writer stripped is read with them."""
    text = patch.replace("\r\n", "\n")
    if first := _FIRST_DIFF_LINE.search(text):
        text = text[first.start() :]
    try:
        return sections(text)
    except PatchError as error:
        if "shorter than expected" not in str(error):
            raise
        for lost in range(1, _LOST_LINES + 1):
            try:
                return sections(text.rstrip("\n") + "\n" + " \n" * lost)
            except PatchError:
                continue
        raise


def _file(section: Section) -> ChangedFile | None:
    """Return what a section changes; None where nothing, or a file that tools and agents leave behind."""
    kind: Kind = "new" if section.before is None else "deleted" if section.after is None else "modified"
    if is_cache_path(section.path) or (section.is_new and is_scratch_name(section.path)):
        return None
    renamed = section.before if kind == "modified" and section.before != section.after else None
    blocks, binary = tuple(_blocks(section.parsed)), bool(section.parsed.is_binary_file)
    if not blocks and not binary and not renamed and kind == "modified":
        return None  # a mode, or white space at the ends of lines
    return ChangedFile(section.path, kind, blocks, renamed, binary)


def _blocks(file: PatchedFile) -> Iterator[Block]:
    for hunk in file:
        # Of an empty range the header names the line before it.
        line = hunk.source_start + (hunk.source_length == 0)
        start, removed, added = line, list[str](), list[str]()
        for changed in hunk:
            if changed.is_context:
                yield from _trimmed(start, removed, added)
                line += 1
                start, removed, added = line, [], []
            elif changed.is_removed:
                removed.append(changed.value.rstrip())
                line += 1
            elif changed.is_added:
                added.append(changed.value.rstrip())
        yield from _trimmed(start, removed, added)


def _trimmed(line: int, removed: Sequence[str], added: Sequence[str]) -> Iterator[Block]:
    """Yield the block without the lines at its ends that are removed and added alike."""
    shorter = min(len(removed), len(added))
    head = next((i for i in range(shorter) if removed[i] != added[i]), shorter)
    rest = shorter - head
    tail = next((i for i in range(rest) if removed[-1 - i] != added[-1 - i]), rest)
    kept = tuple(removed[head : len(removed) - tail]), tuple(added[head : len(added) - tail])
    if any(kept):
        yield Block(line + head, *kept)


def _render(file: ChangedFile) -> str:
    before = file.renamed_from or file.path
    lines = [f"diff --git {quoted(f'a/{before}')} {quoted(f'b/{file.path}')}"]
    old_name = "/dev/null" if file.kind == "new" else quoted(f"a/{before}")
    new_name = "/dev/null" if file.kind == "deleted" else quoted(f"b/{file.path}")
    if file.kind != "modified":
        lines.append(f"{file.kind} file mode 100644")
    if file.renamed_from is not None:
        lines += [f"rename from {quoted(before)}", f"rename to {quoted(file.path)}"]
    if file.binary:
        lines.append(f"Binary files {old_name} and {new_name} differ")
    elif file.blocks:
        tab = "\t" if " " in before + file.path else ""
        lines += [f"--- {old_name}{tab}", f"+++ {new_name}{tab}"]
    shift = 0
    for block in file.blocks:
        old, new = len(block.removed), len(block.added)
        lines.append(f"@@ -{block.line - (not old)},{old} +{block.line + shift - (not new)},{new} @@")
        lines += [f"-{line}" for line in block.removed] + [f"+{line}" for line in block.added]
        shift += new - old
    return "\n".join(lines) + "\n"
