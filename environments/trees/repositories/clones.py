"""Clones in the cache: each made once, whole or not there, by however many processes ask for it at a time."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock
from git import Git, Repo
from git.exc import GitCommandError, UnsafeProtocolError
from git.util import remove_password_if_present

from environments.errors import RepositoryError
from environments.sandboxes.removal import remove_tree
from environments.trees.repositories.borrowed import reason

_QUIETLY = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "GIT_TEMPLATE_DIR": "",
    "GIT_HTTP_LOW_SPEED_LIMIT": "1000",
    "GIT_HTTP_LOW_SPEED_TIME": "60",
}
"""Nobody is asked for a password, no hook is put in, and a connection that brings under 1 kB/s for a minute ends.
Else the user's own settings hold: proxies, certificates and credentials are found there."""
_WHOLE_ID = 40


def clone_once(url: str, goal: Path) -> Path:
    """Return ``goal``, the bare clone of all branches and tags of a URL, after making it where it is not there yet.

    It takes its name only when it is whole: what a killed run left is removed, and the clone is begun again.
    Raises RepositoryError.
    """
    with _locked(goal):
        if not goal.is_dir():
            for left in goal.parent.glob(f".cloning-{goal.name}-*"):
                with contextlib.suppress(OSError):  # the git of a killed run may still be writing to it
                    remove_tree(left)
            # A name of its own: a git that outlived its run removes its own folder when it fails.
            staged = goal.with_name(f".cloning-{goal.name}-{secrets.token_hex(4)}")
            with _reaching(url):
                Repo.clone_from(url, staged, env=_QUIETLY, bare=True).close()
            staged.rename(goal)
    return goal


def fetch_commit(url: str, clone: Path, commit: str) -> None:
    """Bring a commit that a clone lacks, and new tags; RepositoryError where the URL lacks it too."""
    git = Git(clone)
    git.update_environment(**_QUIETLY, GIT_DIR=str(clone))
    with _locked(clone), _reaching(url):
        if len(commit) == _WHOLE_ID:
            # By its id, as no branch may lead to it any more; servers may refuse that.
            with contextlib.suppress(GitCommandError):
                git.fetch("--force", "--tags", "--", url, f"+{commit}:refs/runoff/{commit}")
        if not _has(git, commit):
            git.fetch("--force", "--tags", "--", url, "+refs/heads/*:refs/heads/*")
        if not _has(git, commit):
            raise RepositoryError(f"{_shown(url)} has no commit {commit}: check the repository's name")


def _has(git: Git, commit: str) -> bool:
    try:
        git.cat_file("-e", f"{commit}^{{commit}}")
    except GitCommandError:
        return False
    return True


@contextlib.contextmanager
def _locked(goal: Path) -> Iterator[None]:
    goal.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(goal.with_name(f".{goal.name}.lock")):
        yield


@contextlib.contextmanager
def _reaching(url: str) -> Iterator[None]:
    try:
        yield
    except UnsafeProtocolError as error:
        raise RepositoryError(f"{_shown(url)} could run a program: name an https, ssh or file URL") from error
    except GitCommandError as error:
        why = reason(error).replace(url, _shown(url))
        raise RepositoryError(
            f"cannot get {_shown(url)} ({why}): check the network, or name a folder that has the repository"
        ) from error


def _shown(url: str) -> str:
    return str(remove_password_if_present([url])[0])
