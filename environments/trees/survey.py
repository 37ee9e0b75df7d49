"""What belongs to a tree: the files of a checkout or of a plain folder, each looked at and none of them read."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from environments.errors import RepositoryError
from environments.trees.beneath import OutsideError, kind_of, stat_beneath
from environments.trees.foreign import checkout_at, listed

_RESERVED = re.compile(r"(?:\.git|git~\d+)[ .]*(?::.*)?", re.IGNORECASE | re.DOTALL)
"""What some file system takes for ``.git``: git keeps no such name, wherever it lies."""
_UNSEEN = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
"""Letters that a file system of macOS does not see in a name."""
_DEEPEST = 20
"""Repositories within repositories."""
RUN_MARK = "# A run of Runoff, which is no part of the tree that it lies in.\n*\n"
"""Text of the ``.gitignore`` in a run's folder, by which git leaves it out, and the survey of a plain folder, too."""


@dataclass(frozen=True)
class Survey:
    """What lies in a tree."""

    names: tuple[str, ...]
    """Regular files and links, relative to the top, sorted."""
    left_out: tuple[str, ...]
    """What is named there but not taken, and why: printable lines."""
    size: int
    """Bytes of the regular files."""


def survey(top: Path) -> Survey:
    """Look at what ``one_commit`` takes of a tree.

    Of a checkout these are tracked files and untracked ones that are not ignored; submodules' too, by the same
    rule. Names come from an index that anybody may have written, so what lies outside, or behind a link, is left out.
    Raises RepositoryError when git cannot read a checkout, or a folder cannot be read.
    """
    names, left_out, size = set[str](), set[str](), 0
    for name in _named(top, 0):
        try:
            found = stat_beneath(top, name)
        except FileNotFoundError:  # tracked, and deleted in the work tree
            continue
        except OutsideError as error:
            left_out.add(str(error))
            continue
        if _is_reserved(name, found.st_mode):
            left_out.add(f"{name!r} has a name that git keeps for itself")
        elif stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode):
            size += found.st_size if name not in names else 0
            names.add(name)
        elif not stat.S_ISDIR(found.st_mode):
            left_out.add(f"{name!r} is {kind_of(found.st_mode)}")
    return Survey(tuple(sorted(names, key=os.fsencode)), tuple(sorted(left_out)), size)


def _is_reserved(name: str, mode: int) -> bool:
    parts = _UNSEEN.sub("", name).split("/")
    link = stat.S_ISLNK(mode) and parts[-1].lower().rstrip(" .") == ".gitmodules"
    return link or any(map(_RESERVED.fullmatch, parts))


def _named(top: Path, depth: int) -> Iterator[str]:
    """Name the entries of a tree, those of repositories in it among them; folders may be among them, too."""
    if depth > _DEEPEST:
        raise RepositoryError(f"{top} holds repositories over {_DEEPEST} deep in one another: move them out of it")
    checkout = checkout_at(top)
    if checkout is None:
        yield from _walked(top)
        return
    for name in listed(checkout):
        if _is_folder(top, name):  # a submodule, or a repository inside the repository
            yield from (f"{name.rstrip('/')}/{inner}" for inner in _named(top / name, depth + 1))
        else:
            yield name


def _is_folder(top: Path, name: str) -> bool:
    try:
        return stat.S_ISDIR(stat_beneath(top, name).st_mode)
    except (OutsideError, FileNotFoundError):
        return False


def _walked(top: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(top, onerror=_unreadable):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        folders[:] = [name for name in folders if name != ".git" and name not in links and not _is_run(folder, name)]
        yield from (str((Path(folder) / name).relative_to(top)) for name in (*names, *links) if name != ".git")


def _is_run(folder: str, name: str) -> bool:
    mark = Path(folder, name, ".gitignore")
    return mark.is_file() and mark.stat().st_size == len(RUN_MARK) and mark.read_text(errors="replace") == RUN_MARK


def _unreadable(error: OSError) -> None:
    raise RepositoryError(f"{error.filename} cannot be read: {error.strerror}") from error
