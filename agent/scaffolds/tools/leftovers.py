"""New files that a trajectory's commands left behind: they stay out of the patch unless something refers to them.

Agents write debug.txt, note.py, dist/ by the way, under names that no list can know. Left out is a new file that no
editor's call made, where no file of its kind stood before (the repository's top, a folder of its own, among files of
other kinds), or that is plainly built; and only if nothing says its name: no code or packaging file of the repository,
no test and no other file of the change. What is left out is told before anything is handed in, and may be kept.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePosixPath

from agent.patch import Section, is_cache_path, is_scratch_name, is_test_path
from environments.sandboxes.contract import WORKTREE

_BUILT = frozenset(
    {
        *(".so", ".o", ".a", ".pyd", ".dll", ".dylib", ".class", ".exe", ".whl", ".egg", ".zip", ".gz", ".tar", ".bz2"),
        *(".db", ".sqlite", ".sqlite3", ".pickle", ".pkl", ".prof", ".out", ".pid", ".lock", ".core"),
    }
)
_BUILT_FOLDERS = frozenset(
    {"dist", "build", "htmlcov", "out", "tmp", "temp", "target", "venv", ".venv", "node_modules"}
)
_READ_BY_NAME = frozenset(
    {
        *("setup.py", "setup.cfg", "pyproject.toml", "tox.ini", "pytest.ini", "MANIFEST.in", "Makefile", "Dockerfile"),
        *("noxfile.py", "conftest.py", "manage.py", "requirements.txt", ".gitignore", ".gitattributes", "LICENSE"),
    }
)
"""Files at a repository's top that tools look for by their names."""
_PACKAGING = ("setup.py", "setup.cfg", "pyproject.toml", "MANIFEST.in", "tox.ini", "Makefile")
"""Files of the base that may name others, beside its code."""
_MOST_SUSPECTS = 50
"""Of more new files than these each is left out unless it is kept: nobody writes so many, and each is looked for."""


def leftovers(
    parts: Sequence[Section], base: Mapping[str, bytes], *, edited: Collection[str], kept: Collection[str]
) -> list[str]:
    """Return those new files of a tree's change that are left out; tests are none of them.

    ``base``: the repository's files before; ``edited``: the paths that were written by the editor.
    """
    suspects = [part for part in parts if part.path not in kept and _is_suspect(part, base, edited)]
    if not suspects or len(suspects) > _MOST_SUSPECTS:
        return [part.path for part in suspects]
    known = {part.path for part in suspects}
    texts = [_added(part) for part in parts if part.path not in known]
    texts += [base[name].decode("utf-8", "replace") for name in base if name.endswith(".py") or name in _PACKAGING]
    while found := [part for part in suspects if any(_refers(text, part.path) for text in texts)]:
        texts = [_added(part) for part in found]  # what a file that stays refers to stays too
        suspects = [part for part in suspects if part not in found]
    return [part.path for part in suspects]


def _is_suspect(part: Section, names: Collection[str], edited: Collection[str]) -> bool:
    if not part.is_new or is_test_path(part.path) or is_cache_path(part.path) or is_scratch_name(part.path):
        return False
    path = PurePosixPath(part.path)
    folders = path.parts[:-1]
    if part.binary or part.parsed.is_binary_file or path.suffix in _BUILT:
        return True
    if any(
        name in _BUILT_FOLDERS and not _holds("/".join(folders[: at + 1]), names) for at, name in enumerate(folders)
    ):
        return True
    if part.path in edited or (not folders and path.name in _READ_BY_NAME):
        return False
    if not folders or not _holds(folders[0], names):
        return True
    siblings = [PurePosixPath(name) for name in names if PurePosixPath(name).parent == path.parent]
    return bool(siblings) and not any(one.suffix == path.suffix for one in siblings)


def _holds(folder: str, names: Collection[str]) -> bool:
    return any(name.startswith(f"{folder}/") for name in names)


def _refers(text: str, path: str) -> bool:
    """Tell whether a text says a file's name, or imports the module that it is."""
    pure = PurePosixPath(path)
    module = pure.parent.name if pure.name == "__init__.py" else pure.stem
    if module not in text:
        return False
    if pure.name != "__init__.py" and re.search(rf"(?<![\w.-]){re.escape(pure.name)}(?!\w)", text):
        return True
    if pure.suffix != ".py":
        return False
    named = re.escape(module)
    return bool(module) and bool(
        re.search(rf"^[ \t]*(?:from|import)\b[^\n]*(?<!\w){named}(?!\w)|['\"](?:\w+\.)*{named}['\"]", text, re.M)
    )


def _added(part: Section) -> str:
    return "\n".join(line[1:] for hunk in part.hunks for line in hunk.lines if line.startswith("+"))


def path_in_tree(path: str) -> str:
    """Return a path as a model writes it from the repository's top."""
    return posixpath.normpath(path.removeprefix(f"{WORKTREE}/"))
