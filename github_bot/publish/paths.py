"""Which files a patch of the bot may touch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from unicodedata import category

from agent.patch import Section, is_test_path, path_problem
from github_bot.never import never_for

_MODES = (None, "100644", "100755")
_LONGEST = 250
_UNSEEN = ("Cf", "Cc", "Zl", "Zp")
"""Kinds of letters that nobody sees, that turn what is seen around, or that break a line where no editor shows it."""
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Of other kinds, and nothing is seen of them either."""
_LAID_OUT = frozenset("\t\n\r\f")
"""What source is laid out with."""


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
    own = tuple(never)
    for path in sorted(touched):
        if problem := _path_problem(path, own):
            return f"{path!r}: {problem}"
    for path in sorted({section.path for section in test}):
        if not is_test_path(path):
            return f"{path!r}: the test's patch changes what is no test"
    return next((problem for section in (*fix, *test) if (problem := _section_problem(section))), "")


def _path_problem(path: str, never: Iterable[str]) -> str | None:
    halves = any(category(letter) == "Cs" for letter in path)  # bytes that are no UTF-8: no text can hold them
    if len(path) > _LONGEST or halves or _hides(path, frozenset()):
        return "a path that nobody can read"
    if problem := path_problem(path):
        return problem
    for glob, why in (*never_for(path), *((glob, "never in .github/runoff.yml") for glob in never)):
        if matches(path, glob):
            return f"the bot never changes {glob} ({why})"
    return None


def _section_problem(section: Section) -> str | None:
    modes = (section.parsed.source_mode, section.parsed.target_mode)
    if any(mode not in _MODES for mode in modes):
        return f"{section.path!r}: links and submodules are never written"
    if section.before is not None and section.after is not None and None not in modes and modes[0] != modes[1]:
        return f"{section.path!r}: a file's mode is never changed"
    if section.binary or section.parsed.is_binary_file:
        return f"{section.path!r}: binary data, which nobody can review"
    if any(line.is_added and _hides(line.value, _LAID_OUT) for hunk in section.parsed for line in hunk):
        return f"{section.path!r}: adds letters that nobody can see"
    return None


def matches(path: str, glob: str) -> bool:
    """Tell whether a path is one of a glob's: ``**`` stands for any folders; letters' case does not count.

    A glob without a slash is of names at the top, as ``Jenkinsfile``; ``**/`` before it makes it of all folders.
    """
    folders, reached = path.casefold().split("/"), {0}
    *parts, last = glob.casefold().split("/")
    for part in parts:
        reached = _after(part, folders, reached)
    if last == "**":  # something must be in the folder
        return any(index < len(folders) for index in reached)
    return len(folders) in _after(last, folders, reached)


def _after(part: str, folders: Sequence[str], reached: set[int]) -> set[int]:
    """Return how many parts of a path may be matched once one more of a glob is.

    All ways are followed at once: a regular expression tries one after the other, for hours where there are many stars.
    """
    if part == "**":
        return set(range(min(reached), len(folders) + 1)) if reached else set()
    return {index + 1 for index in reached if index < len(folders) and _is_named(folders[index], part)}


def _is_named(name: str, part: str) -> bool:
    """Tell whether a name is one of a glob's part; ``*`` stands for any letters, ``?`` for one."""
    reached = {0}
    for wanted in part:
        if not reached:
            return False
        if wanted == "*":
            reached = set(range(min(reached), len(name) + 1))
        else:
            reached = {index + 1 for index in reached if index < len(name) and wanted in ("?", name[index])}
    return len(name) in reached


def _hides(text: str, allowed: frozenset[str]) -> bool:
    """Tell whether a text holds letters that a reviewer does not see."""
    return any((category(letter) in _UNSEEN or letter in _FILLERS) and letter not in allowed for letter in text)
