"""A fresh repository to which another one's objects are lent, so that git never works in the other one.

What a repository names can run programs (hooks, filters, file system monitors, remote helpers for objects that it left
out), and its references, grafts, attributes and commit graph change what git shows. None of that is read here: git
gets the other's objects, and nothing else of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from git import Git
from git.exc import GitCommandError

from environments.errors import RepositoryError
from environments.sandboxes.fresh_git import lay_repository
from environments.sandboxes.leftovers import temporary
from environments.trees.lent_objects import own_objects

_IDS = re.compile(rb"^[0-9a-f]{40}$", re.MULTILINE)


@contextmanager
def borrowed(repository: Path, home: Path, tags: Mapping[str, str] | None = None) -> Iterator[Git]:
    """Give git in a fresh repository that reads the objects of another one; it is removed afterwards.

    Args:
        repository: the git folder whose objects are lent.
        home: the folder of repositories; objects that ``repository`` itself borrows must lie there.
        tags: name -> object id, the only references that there are.

    Raises:
        RepositoryError: the objects lie elsewhere.
    """
    objects = own_objects(repository, home)
    with temporary("git-") as folder:
        lay_repository(folder)
        (folder / "objects" / "info" / "alternates").write_bytes(os.fsencode(objects) + b"\n")
        if ids := _shallow(repository):
            (folder / "shallow").write_bytes(ids)
        lines = (f"{target} refs/tags/{tag}\n" for tag, target in sorted((tags or {}).items()))
        (folder / "packed-refs").write_bytes(os.fsencode("".join(lines)))
        git = Git(folder)
        git.update_environment(**_environment(folder))
        yield git


@contextmanager
def git_errors(what: str) -> Iterator[None]:
    """Turn git's refusal into one line: ``what`` could not be done, and why."""
    try:
        yield
    except GitCommandError as error:
        raise RepositoryError(f"{what}: {reason(error)}") from error


def reason(error: GitCommandError) -> str:
    """Return the last line that git said, its own error and not its progress."""
    said = error.stderr.strip().removeprefix("stderr: '").removesuffix("'").strip().splitlines()
    errors = [line for line in said if line.startswith(("fatal:", "error:"))]
    return (errors or said or [f"git ended with {error.status}"])[-1].strip()


def _shallow(repository: Path) -> bytes:
    """Return the ids of the commits whose ancestors a shallow clone lacks, one a line."""
    listing = repository / "shallow"
    ids = _IDS.findall(listing.read_bytes()) if listing.is_file() and not listing.is_symlink() else []
    return b"".join(line + b"\n" for line in ids)


def _environment(folder: Path) -> dict[str, str]:
    """Return what keeps the host's settings out too: GitPython adds to the host's variables and drops none."""
    return {
        "GIT_DIR": str(folder),
        "GIT_INDEX_FILE": str(folder / "index"),
        "GIT_OBJECT_DIRECTORY": str(folder / "objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
        "GIT_NAMESPACE": "",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.commitGraph",
        "GIT_CONFIG_VALUE_0": "false",
        "GIT_CONFIG_PARAMETERS": "",
        "GIT_ATTR_NOSYSTEM": "1",
    }
