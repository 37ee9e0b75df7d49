"""The files of any system's unified diff, each with its own part of the text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from unidiff import PatchedFile, PatchSet, UnidiffParseError

from agent.patch.cutting import Hunk, Part, PatchError, cuts, parts
from agent.patch.headers import Header, read_header
from agent.patch.lines import lines_of

__all__ = ["PatchError", "Section", "joined", "paths", "sections"]


@dataclass(frozen=True)
class Section:
    """One file's part of a diff."""

    before: str | None
    """Its path before; None for a new file."""
    after: str | None
    """Its path after; None for a deleted file."""
    text: str
    """Its share of the diff, as written, with what stands around it: all shares, ``joined``, are the diff."""
    header: tuple[str, ...]
    """The lines of its header, without white space at their ends."""
    hunks: tuple[Hunk, ...]
    binary: tuple[str, ...]
    """Git's binary data, each block closed by an empty line."""
    parsed: PatchedFile
    """Its hunks; context lines that were stripped at a hunk's end are put back."""
    copied: bool = False
    """It is a copy: ``before`` stays."""

    @property
    def path(self) -> str:
        """The path it has in the patched tree, or had."""
        return self.after or self.before or ""

    @property
    def is_new(self) -> bool:
        """The file does not exist before."""
        return self.before is None


def sections(patch: str) -> tuple[Section, ...]:
    """Split a diff (of git, diff -u, difflib; with or without prefixes, and prose around it) into its files.

    An empty text has none; ``joined(sections(patch)) == patch`` for every other. Raises PatchError where there is no
    diff, or one that says how long its hunks are wrongly.
    """
    texts = lines_of(patch)
    lines = [text.removesuffix("\n") for text in texts]
    if _lost_its_return(patch, lines):
        lines[-1] += "\r"
    found = parts(lines)
    if not found:
        if patch.strip():
            raise PatchError("not a unified diff: no file in it; write it as git diff or diff -u does")
        return ()
    shares = ("".join(texts[start:end]) for start, end in cuts(lines, found))
    return tuple(_section(part, text) for part, text in zip(found, shares, strict=True))


def _lost_its_return(patch: str, lines: Sequence[str]) -> bool:
    """Tell that the end of a diff of a CRLF file was stripped: its last line lacks what the one before has."""
    if len(lines) < 2 or patch.endswith("\n") or lines[-1][:1] not in ("+", "-", " "):
        return False
    return lines[-2].endswith("\r") and not lines[-1].endswith("\r")


def joined(found: Iterable[Section]) -> str:
    """Put sections, all or some of them, in any order, together as they were written."""
    texts = [section.text for section in found]
    return "".join([*(text if text.endswith("\n") else f"{text}\n" for text in texts[:-1]), *texts[-1:]])


def _section(part: Part, text: str) -> Section:
    header = read_header(part.header)
    parsed = _parsed(part, header)
    before, after = header.before, header.after
    if not header.is_git and before is not None and after is not None:
        before = None if parsed.is_added_file else before
        after = None if parsed.is_removed_file else after
    return Section(
        before=before,
        after=after,
        text=text,
        header=tuple(part.header),
        hunks=tuple(part.hunks),
        binary=tuple(part.binary),
        parsed=parsed,
        copied=header.copied,
    )


def _parsed(part: Part, header: Header) -> PatchedFile:
    """Let unidiff read the hunks alone: its patterns for headers take hours over hostile ones."""
    file = PatchedFile(source="a", target="b")
    if part.hunks:
        lines: Sequence[str] = [line for hunk in part.hunks for line in (hunk.head, *hunk.lines)]
        try:
            (file,) = PatchSet(line + "\n" for line in ["--- a", "+++ b", *lines])
        except (UnidiffParseError, ValueError) as error:
            raise PatchError(f"not a unified diff: {str(error).strip()[:200]}") from None
    file.source_file, file.target_file = header.before or "/dev/null", header.after or "/dev/null"
    file.is_binary_file = header.binary
    file.source_mode, file.target_mode = header.mode_before, header.mode_after
    return file


def paths(patch: str) -> Iterator[str]:
    """Yield every path that a diff reads or writes."""
    for section in sections(patch):
        yield from dict.fromkeys(path for path in (section.before, section.after) if path is not None)
