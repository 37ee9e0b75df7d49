"""The files of any system's unified diff, each with its own part of the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from unidiff import PatchedFile, PatchSet, UnidiffParseError

from agent.patch.headers import Header, read_header
from agent.patch.parts import Part, PatchError, parts

__all__ = ["PatchError", "Section", "paths", "sections"]


@dataclass(frozen=True)
class Section:
    """One file's part of a diff."""

    before: str | None
    """Its path before; None for a new file."""
    after: str | None
    """Its path after; None for a deleted file."""
    text: str
    """Its lines of the diff, as written."""
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

    An empty text has none. Raises PatchError where there is no diff, or one that says how long its hunks are wrongly.
    """
    # Lines end at line feeds only: a form feed or a lone carriage return is part of a line.
    lines = patch.removesuffix("\n").split("\n")
    found = parts(lines)
    if not found:
        if patch.strip():
            raise PatchError("not a unified diff: no file in it")
        return ()
    ends = [*(part.start for part in found[1:]), len(lines)]
    texts = ("\n".join(lines[part.start : end]).rstrip("\n") + "\n" for part, end in zip(found, ends, strict=True))
    return tuple(_section(part, text) for part, text in zip(found, texts, strict=True))


def _section(part: Part, text: str) -> Section:
    header = read_header(part.header)
    parsed = _parsed(part, header)
    before, after = header.before, header.after
    if not header.is_git and before is not None and after is not None:
        before = None if parsed.is_added_file else before
        after = None if parsed.is_removed_file else after
    return Section(before, after, text, parsed, header.copied)


def _parsed(part: Part, header: Header) -> PatchedFile:
    """Let unidiff read the hunks alone: its patterns for headers take hours over hostile ones."""
    file = PatchedFile(source="a", target="b")
    if part.hunks:
        try:
            (file,) = PatchSet(line + "\n" for line in ["--- a", "+++ b", *part.hunks])
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
