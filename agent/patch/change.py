"""What a diff changes, in one form: no trace is left of the tool, or the system, that wrote it down.

Two diffs of the same change of the same base are equal here whatever their context, index lines, headings, prefixes,
line endings, order of files and order of lines within a block.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from unidiff import PatchedFile

from agent.patch.blocks import Block, distinct_blocks
from agent.patch.diff import quoted
from agent.patch.git_form import once
from agent.patch.paths import is_cache_path, is_scratch_name, is_test_path, path_problem
from agent.patch.sections import PatchError, Section

ChangeKind = Literal["modified", "new", "deleted"]


@dataclass(frozen=True)
class ChangedFile:
    """One file's part of a change."""

    path: str
    """Its path after the change; before it where the file is deleted."""
    kind: ChangeKind
    blocks: tuple[Block, ...]
    renamed_from: str | None = None
    copied_from: str | None = None
    binary: bool = False
    """What it holds does not count: half of the tools do not write it down."""


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
        return hashlib.sha256(self.patch.encode("utf-8", "surrogatepass")).hexdigest()[:12] if self.source else ""


def read_change(patch: str) -> Change:
    """Read any system's diff: of git, plain unified, with prose around it, CRLF, or its last blank lines stripped.

    An empty diff is an empty change. Several diffs of one file are taken together. Raises PatchError where there is
    no diff, none that can be read, or one that leads out of the tree.
    """
    files: dict[str, list[ChangedFile]] = {}
    for section in once(patch):
        if file := _file(section):
            files.setdefault(file.path, []).append(file)
    merged = (_merged(parts) for _, parts in sorted(files.items()))
    kept = [file for file in merged if file is not None]
    return Change(
        source=tuple(file for file in kept if not is_test_path(file.path)),
        tests=tuple(file for file in kept if is_test_path(file.path)),
    )


def render(files: Iterable[ChangedFile]) -> str:
    """Write changed files as a unified diff without context; equal changes give equal text."""
    return "".join(map(_render, files))


def _file(section: Section) -> ChangedFile | None:
    """Return what a section changes; None for a file that tools and agents leave behind."""
    for path in filter(None, (section.before, section.after)):
        if problem := path_problem(path):
            raise PatchError(f"{path!r}: {problem}")
    if is_cache_path(section.path) or (section.is_new and is_scratch_name(section.path)):
        return None
    kind: ChangeKind = "new" if section.before is None else "deleted" if section.after is None else "modified"
    other = section.before if kind == "modified" and section.before != section.path else None
    return ChangedFile(
        path=section.path,
        kind=kind,
        blocks=tuple(_runs(section.parsed)),
        renamed_from=None if section.copied else other,
        copied_from=other if section.copied else None,
        binary=bool(section.parsed.is_binary_file),
    )


def _merged(parts: Sequence[ChangedFile]) -> ChangedFile | None:
    """Take the parts of a diff that concern one file together; None where nothing is left of them."""
    first, last = parts[0].kind, parts[-1].kind
    if first == "new" and last == "deleted":
        return None
    kind: ChangeKind = "new" if first == "new" else "deleted" if last == "deleted" else "modified"
    file = ChangedFile(
        path=parts[0].path,
        kind=kind,
        blocks=distinct_blocks(block for part in parts for block in part.blocks),
        renamed_from=next((part.renamed_from for part in parts if part.renamed_from), None),
        copied_from=next((part.copied_from for part in parts if part.copied_from), None),
        binary=any(part.binary for part in parts),
    )
    if file.blocks or file.binary or file.renamed_from or file.copied_from or kind != "modified":
        return file
    return None  # a mode, or white space at the ends of lines


def _runs(file: PatchedFile) -> Iterator[Block]:
    """Yield the changed lines of each hunk, cut where it shows an unchanged one."""
    for hunk in file:
        # Of an empty range the header names the line before it.
        line = hunk.source_start + (hunk.source_length == 0)
        start, removed, added = line, list[str](), list[str]()
        for changed in hunk:
            if changed.is_context:
                yield Block(start, tuple(removed), tuple(added))
                line += 1
                start, removed, added = line, [], []
            elif changed.is_removed:
                removed.append(changed.value.rstrip())
                line += 1
            elif changed.is_added:
                added.append(changed.value.rstrip())
        yield Block(start, tuple(removed), tuple(added))


def _render(file: ChangedFile) -> str:
    before = file.renamed_from or file.copied_from or file.path
    lines = [f"diff --git {quoted(f'a/{before}')} {quoted(f'b/{file.path}')}"]
    old_name = "/dev/null" if file.kind == "new" else quoted(f"a/{before}")
    new_name = "/dev/null" if file.kind == "deleted" else quoted(f"b/{file.path}")
    if file.kind != "modified":
        lines.append(f"{file.kind} file mode 100644")
    if before != file.path:
        word = "rename" if file.renamed_from else "copy"
        lines += [f"{word} from {quoted(before)}", f"{word} to {quoted(file.path)}"]
    if file.binary:
        lines.append(f"Binary files {old_name} and {new_name} differ")
    elif file.blocks:
        tab = "\t" if " " in before + file.path else ""
        lines += [f"--- {old_name}{tab}", f"+++ {new_name}{tab}"]
    shift = 0
    for block in file.blocks:
        old, new = len(block.removed), len(block.added)
        lines.append(f"@@ -{block.line - (not old)},{old} +{max(0, block.line + shift - (not new))},{new} @@")
        lines += [f"-{line}" for line in block.removed] + [f"+{line}" for line in block.added]
        shift += new - old
    return "\n".join(lines) + "\n"
