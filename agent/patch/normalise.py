"""Reduce a diff to its change of the source, in one form."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from agent.patch.apply import apply_patch
from agent.patch.diff import Modes, make_patch
from agent.patch.git_form import git_form
from agent.patch.paths import is_cache_path, is_scratch_name, is_test_path
from agent.patch.sections import PatchError, Section, joined, sections


def split_source_and_tests(patch: str) -> tuple[str, str]:
    """Return the parts of a diff that change the source and that change tests, as written. Raises PatchError."""
    parts = sections(patch)
    tests = [part for part in parts if is_test_path(part.path)]
    source = [part for part in parts if not is_test_path(part.path)]
    return joined(source), joined(tests)


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
    canonical = "".join(git_form(part, bare=True) for part in kept)
    if read_base is None or not kept:
        return canonical
    if any(part.parsed.is_symlink or part.parsed.is_submodule for part in kept):
        raise PatchError("changes a symbolic link or a submodule")
    before, after = apply_patch(canonical, read_base)
    return make_patch(before, after, _modes(kept))


def _modes(kept: Iterable[Section]) -> dict[str, Modes]:
    """Return the modes that the parts name, by path; of a file in several parts the first before and the last after."""
    modes: dict[str, Modes] = {}
    for part in kept:
        old, new = part.parsed.source_mode, part.parsed.target_mode
        if part.before and part.before != part.path:
            modes.setdefault(part.before, (old, None))
        known = modes.get(part.path, (None, None))
        modes[part.path] = (known[0] or (old if part.before == part.path else None), new or known[1])
    return modes


def _is_source(part: Section, keep_tests: bool) -> bool:
    if is_cache_path(part.path) or (part.is_new and is_scratch_name(part.path)):
        return False
    return keep_tests or not is_test_path(part.path)
