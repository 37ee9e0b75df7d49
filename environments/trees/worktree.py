"""A tree as one commit with nothing beyond it: no history, remotes, reflog, hooks or objects from elsewhere."""

from __future__ import annotations

import logging
import os
from collections.abc import Container
from pathlib import Path

from environments.errors import RepositoryError
from environments.host_git import run_git
from environments.sandboxes.fresh_git import IDENTITY, MESSAGE, lay_repository
from environments.trees.beneath import OutsideError, copy_beneath
from environments.trees.survey import survey

_log = logging.getLogger(__name__)

_GIT_SECONDS = 900.0


def one_commit(source: Path, destination: Path, *, without: Container[str] = ()) -> str:
    """Copy the files of ``source`` into the new folder ``destination`` as one git commit; return the commit's id.

    Of a git checkout, the tracked and the untracked files that are not ignored are taken as they lie in the work
    tree, submodules' files as plain files. Of a plain folder, everything. Symbolic links and executable bits are
    kept; any ``.git`` is left behind. What is neither file nor link, or lies outside, is left out, with a warning that
    names it. The id depends on the names, modes and bytes of the files alone.

    Args:
        source: the tree; no program that its repository names is run.
        destination: appears; FileExistsError when it is there.
        without: untracked files that are left out as if they were not there.

    Raises:
        RepositoryError: git cannot read the checkout.
    """
    destination.mkdir(parents=True)
    taken = survey(source)
    for reason in taken.left_out:
        _log.warning("left out of the copy of %s: %s", source, reason)
    for name in taken.names:
        if name not in without:
            _copy(source, name, destination / name)
    lay_repository(destination / ".git")
    _git(destination, "add", "--all", "--force", ".")
    tree = _git(destination, "write-tree")
    commit = _git(destination, "commit-tree", tree, "-m", MESSAGE)
    _git(destination, "update-ref", "refs/heads/main", commit)
    return commit


def tree_id(worktree: Path) -> str:
    """Return the id of the git tree of the one commit: equal ids mean equal names, modes and bytes."""
    return _git(worktree, "rev-parse", "HEAD^{tree}")


def files(source: Path) -> list[str]:
    """List the files that ``one_commit`` takes, relative to ``source``, sorted. RepositoryError."""
    return list(survey(source).names)


def _copy(source: Path, name: str, destination: Path) -> None:
    try:
        copy_beneath(source, name, destination)
    except (OSError, OutsideError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise RepositoryError(f"{source / name} cannot be copied: {why}") from error


def _git(folder: Path, *arguments: str) -> str:
    """Run git in a tree that ``one_commit`` makes or made, with nothing of the host's settings."""
    variables = {"GIT_DIR": str(folder / ".git"), "GIT_WORK_TREE": str(folder), **IDENTITY}
    return os.fsdecode(run_git(folder, *arguments, variables=variables, timeout=_GIT_SECONDS)).removesuffix("\n")
