"""A commit's files, byte by byte, written by git itself: it knows the names that must not be written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from git import Git

from environments.errors import RepositoryError
from environments.trees.repositories.contents import assert_holds_few

_DEEPEST = 200
"""Folders within folders; deeper trees stop the programs that walk them."""
_SUBMODULE = b"160000 "


@dataclass(frozen=True)
class Taken:
    """What was written."""

    files: tuple[bytes, ...]
    """A line for each, as ``git ls-files --stage`` has it: mode, id and name."""
    submodules: tuple[str, ...]
    """Folders that the commit gives to other repositories; they are left empty."""


def check_out(git: Git, commit: str, destination: Path) -> Taken:
    """Write a commit's files into the new folder ``destination``.

    ``git`` works in a repository whose attributes leave bytes alone (see ``borrowed``). Raises GitCommandError, for
    names that lead out of the folder or into a .git too, and RepositoryError.
    """
    assert_holds_few(git, commit)
    destination.mkdir()
    git.read_tree(commit)
    entries = _staged(git)
    if any(entry.count(b"/") > _DEEPEST for entry in entries):
        raise RepositoryError(f"{commit} has files over {_DEEPEST} folders deep: no tree is made of it")
    git.checkout_index("--all", env={"GIT_WORK_TREE": str(destination)})
    files = tuple(entry for entry in entries if not entry.startswith(_SUBMODULE))
    submodules = (entry.partition(b"\t")[2] for entry in entries if entry.startswith(_SUBMODULE))
    return Taken(files, tuple(map(os.fsdecode, submodules)))


def committed_files(git: Git, tree: Path) -> tuple[bytes, ...]:
    """Return what ``Taken.files`` would say of a tree that ``one_commit`` made."""
    own = tree / ".git"
    places = {"GIT_DIR": own, "GIT_INDEX_FILE": own / "index", "GIT_OBJECT_DIRECTORY": own / "objects"}
    return _staged(git, **{name: str(path) for name, path in places.items()})


def _staged(git: Git, **places: str) -> tuple[bytes, ...]:
    listing: bytes = git.ls_files("--stage", "-z", stdout_as_string=False, env=places)
    return tuple(listing.split(b"\0")[:-1])
