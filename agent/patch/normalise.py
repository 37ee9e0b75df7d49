"""Reduce a diff to its change of the source, in one form."""

from __future__ import annotations

from collections.abc import Callable

from agent.patch.apply import apply_patch
from agent.patch.diff import make_patch, quoted
from agent.patch.paths import is_cache_path, is_scratch_name, is_test_path
from agent.patch.sections import PatchError, Section, sections

_DROPPED = ("index ", "similarity index ", "dissimilarity index ")


def split_source_and_tests(patch: str) -> tuple[str, str]:
    """Return the parts of a diff that change the source and that change tests, as written. Raises PatchError."""
    parts = sections(patch)
    tests = [part for part in parts if is_test_path(part.path)]
    source = [part for part in parts if not is_test_path(part.path)]
    return "".join(part.text for part in source), "".join(part.text for part in tests)


def normalise(patch: str, read_base: Callable[[str], bytes] | None = None, *, keep_tests: bool = False) -> str:
    """Return the change of source files alone; empty when there is none.

    Dropped are tests, new and existing ones (unless ``keep_tests``), new files with the names of throw-away
    scripts, and what tools leave behind. Files come in the order of their paths, without index lines and section
    headings. With ``read_base`` (see ``apply_patch``) the diff is applied and made anew, so that diffs of the same
    change are equal however they were cut into hunks; without, the hunks stay as written.
    Raises PatchError when the diff cannot be read, or not be applied to the base.
    """
    if not patch.strip():
        return ""
    kept = [part for part in sections(patch) if _is_source(part, keep_tests)]
    kept.sort(key=lambda part: part.path)
    if read_base is None:
        return "".join(map(_canonical, kept))
    if any(part.parsed.is_symlink or part.parsed.is_submodule for part in kept):
        raise PatchError("changes a symbolic link or a submodule")
    before, after = apply_patch("".join(map(_canonical, kept)), read_base) if kept else ({}, {})
    return make_patch(before, after)


def _is_source(part: Section, keep_tests: bool) -> bool:
    if is_cache_path(part.path) or (part.is_new and is_scratch_name(part.path)):
        return False
    return keep_tests or not is_test_path(part.path)


def _canonical(part: Section) -> str:
    """Write a file's part as ``make_patch`` does, keeping the hunks."""
    old, new = quoted(f"a/{part.before or part.after}"), quoted(f"b/{part.after or part.before}")
    lines = [f"diff --git {old} {new}\n"]
    if part.parsed.is_binary_file:
        return lines[0] + part.text.partition("\n")[2]
    if part.text.startswith("diff --git "):
        head = part.text.split("\n--- ")[0].split("\n@@ ")[0].split("\n")[1:]
        lines += [line + "\n" for line in head if line and not line.startswith(_DROPPED)]
    elif part.before is None or part.after is None:
        lines.append(f"{'new' if part.before is None else 'deleted'} file mode 100644\n")
    if len(part.parsed):
        tab = "\t" if " " in part.path else ""
        lines.append(f"--- {old + tab if part.before else '/dev/null'}\n")
        lines.append(f"+++ {new + tab if part.after else '/dev/null'}\n")
    for hunk in part.parsed:
        source, target = (hunk.source_start, hunk.source_length), (hunk.target_start, hunk.target_length)
        lines.append(f"@@ -{_range(*source)} +{_range(*target)} @@\n")
        lines += [_hunk_line(str(line)) for line in hunk if str(line) not in ("", "\n")]
    return "".join(lines)


def _range(start: int, length: int) -> str:
    return str(start) if length == 1 else f"{start},{length}"


def _hunk_line(line: str) -> str:
    return line if line.endswith("\n") else line + "\n"
