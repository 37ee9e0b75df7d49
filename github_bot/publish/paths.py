"""Which files a patch of the bot may touch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from agent.patch import Section, is_test_path, path_problem
from github_bot.config import NEVER

_MODES = (None, "100644", "100755")
_LONGEST = 250
_TURNING = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
"""Letters that nobody sees, or that turn what is seen around."""
_HALF = re.compile("[\ud800-\udfff]")
"""Bytes of a name that are no UTF-8: no text can hold them."""


def change_problem(fix: Sequence[Section], test: Sequence[Section], *, never: Iterable[str], max_files: int) -> str:
    """Say what the bot may not do of a change; empty where it may all of it.

    Args:
        fix: the files of the source change.
        test: the files of the reproduction test.
        never: globs of the maintainers, beside those that hold everywhere.
        max_files: how many files the two may touch together.
    """
    touched = {path for section in (*fix, *test) for path in (section.before, section.after) if path is not None}
    if len(touched) > max_files:
        return f"it changes {len(touched)} files, more than the {max_files} of max_files in .github/runoff.yml"
    for path in sorted(touched):
        if problem := _path_problem(path, (*NEVER, *never)):
            return f"{path!r}: {problem}"
    for path in sorted({section.path for section in test}):
        if not is_test_path(path):
            return f"{path!r}: the test's patch changes what is no test"
    return next((problem for section in (*fix, *test) if (problem := _section_problem(section))), "")


def _path_problem(path: str, never: Iterable[str]) -> str | None:
    if len(path) > _LONGEST or _TURNING.search(path) or _HALF.search(path):
        return "a path that nobody can read"
    if problem := path_problem(path):
        return problem
    forbidden = next((glob for glob in never if matches(path, glob)), None)
    return None if forbidden is None else f"the bot never changes {forbidden}"


def _section_problem(section: Section) -> str | None:
    modes = (section.parsed.source_mode, section.parsed.target_mode)
    if any(mode not in _MODES for mode in modes):
        return f"{section.path!r}: links and submodules are never written"
    if section.before is not None and section.after is not None and None not in modes and modes[0] != modes[1]:
        return f"{section.path!r}: a file's mode is never changed"
    if section.binary or section.parsed.is_binary_file:
        return f"{section.path!r}: binary data, which nobody can review"
    if any(line.is_added and _TURNING.search(line.value) for hunk in section.parsed for line in hunk):
        return f"{section.path!r}: adds letters that nobody can see"
    return None


def matches(path: str, glob: str) -> bool:
    """Tell whether a path is one of a glob's: ``**`` stands for any folders; letters' case does not count.

    A glob without a slash is of names at the top, as ``Jenkinsfile``; ``**/`` before it makes it of all folders.
    """
    return _pattern(glob).fullmatch(path.casefold()) is not None


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|/\*\*$|\*|\?)", glob.casefold())
    words = {"**/": "(?:.*/)?", "/**": "/.*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(words.get(part, re.escape(part)) for part in parts), re.DOTALL)
