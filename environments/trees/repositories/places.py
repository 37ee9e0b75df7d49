"""Where a repository lies in a folder of repositories, under any of the usual names."""

from __future__ import annotations

import re
from pathlib import Path

from environments.errors import RepositoryError

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*/[A-Za-z0-9_.-]+")


def assert_name(repo: str) -> None:
    """Raise RepositoryError for what is not ``owner/name``; a name that passes is no option and leads nowhere else."""
    if not _NAME.fullmatch(repo) or repo.endswith(("/.", "/..")):
        raise RepositoryError(f"{repo[:100]!r} is not the name of a repository: write it as owner/name")


def find(folder: Path, repo: str) -> Path | None:
    """Return the git folder of ``owner/name`` below a folder of repositories; None where there is none.

    Looked for are ``owner__name``, ``owner__name.git``, ``owner/name`` and ``owner/name.git``, each bare or with a work
    tree. A folder that is a repository itself stands for every name: the commit's id tells whether it is the right one.

    Raises:
        RepositoryError: the folder does not exist, or what lies there points to a repository elsewhere.
    """
    if not folder.is_dir():
        raise RepositoryError(f"there is no folder of repositories at {folder}: make it, or name another one")
    flat = repo.replace("/", "__")
    for place in (folder / flat, folder / f"{flat}.git", folder / repo, folder / f"{repo}.git", folder):
        if found := git_folder(place):
            return found
    return None


def git_folder(place: Path) -> Path | None:
    """Return the git folder of a repository, bare or with a work tree; None where there is none."""
    inner = place / ".git"
    if inner.is_symlink() or inner.is_file():
        raise RepositoryError(f"{inner} only points to a repository: name that one itself, or clone it")
    for folder in (inner, place):
        if (folder / "HEAD").is_file() and (folder / "objects").is_dir():
            return folder
    return None
