"""``Repositories``: a folder of repositories, and clones of those that it lacks."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from git import Git
from git.exc import GitCommandError

from environments.errors import RepositoryError
from environments.trees.repositories.borrowed import borrowed, git_errors, reason
from environments.trees.repositories.checkout import check_out, committed_files
from environments.trees.repositories.clones import clone_once, fetch_commit
from environments.trees.repositories.contents import read_contents
from environments.trees.repositories.places import assert_name, find
from environments.trees.repositories.tags import read_tags
from environments.trees.worktree import one_commit

CLONE_URL = "https://github.com/{repo}.git"
_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_NO_TAG = ("No names found", "No tags can describe")


@dataclass(frozen=True)
class Tree:
    """What was made of a commit."""

    head: str
    """The id of the tree's one commit."""
    submodules: tuple[str, ...]
    """Folders that are repositories of their own, left empty as a plain clone leaves them."""


@dataclass(frozen=True)
class Repositories:
    """Repositories by ``owner/name``, trusted in nothing: no program that one of them names is run."""

    folder: Path | None
    """Where they lie, bare or with work trees (see ``places.find``); None: all are cloned."""
    cache: Path
    """Where clones are kept, in ``repositories/``."""
    clone_url: str = CLONE_URL
    """Where one that ``folder`` lacks is cloned from; ``{repo}`` stands for owner/name."""

    def tree(self, repo: str, commit: str, destination: Path) -> Tree:
        """Write a commit's files as the new folder ``destination``: one git commit, with nothing beyond it.

        Every byte is as the repository has it, links and executable bits included; Git LFS pointers stay pointers.
        The folder appears whole or not at all. ``commit``: hexadecimal id, 7 digits or more.

        Raises:
            RepositoryError: there is no such repository or commit, or its files cannot be written faithfully.
            FileExistsError: ``destination`` exists.
        """
        if destination.exists() or destination.is_symlink():
            raise FileExistsError(f"{destination} exists: name a folder that does not")
        destination.parent.mkdir(parents=True, exist_ok=True)
        with (
            self._at(repo, commit) as (git, whole_id),
            tempfile.TemporaryDirectory(prefix=".runoff-", dir=destination.parent) as temporary,
        ):
            files, staged = Path(temporary) / "files", Path(temporary) / "tree"
            with git_errors(f"cannot write the files of {repo} at {commit}"):
                taken = check_out(git, whole_id, files)
                head = one_commit(files, staged)
                if committed_files(git, staged) != taken.files:
                    raise RepositoryError(f"{repo} at {commit} has files that are not what their ids say: git fsck it")
            for name in taken.submodules:
                (staged / name).mkdir(parents=True, exist_ok=True)
            staged.rename(destination)
        return Tree(head, taken.submodules)

    def files(self, repo: str, commit: str, destination: Path) -> tuple[str, ...]:
        """Write a commit's files as the new folder ``destination``, without a repository; return its submodules.

        What ``tree`` writes, in a quarter of the time, for those who make the commit elsewhere. Raises as ``tree``.
        """
        if destination.exists() or destination.is_symlink():
            raise FileExistsError(f"{destination} exists: name a folder that does not")
        with self._at(repo, commit) as (git, whole_id), git_errors(f"cannot write the files of {repo} at {commit}"):
            taken = check_out(git, whole_id, destination)
        for name in taken.submodules:
            (destination / name).mkdir(parents=True, exist_ok=True)
        return taken.submodules

    def contents(
        self, repo: str, commit: str, *, at_most: int, wanted: Callable[[str], bool] = lambda path: True
    ) -> dict[str, bytes]:
        """Return path -> bytes of a commit's regular files that are wanted and no larger than ``at_most``.

        Nothing is written to disk. Raises RepositoryError.
        """
        with self._at(repo, commit) as (git, whole_id), git_errors(f"cannot read the files of {repo} at {commit}"):
            return read_contents(git, whole_id, at_most=at_most, wanted=wanted)

    def nearest_tag(self, repo: str, commit: str) -> str | None:
        """Return the nearest tag with a digit in it that a commit has, or an ancestor of it; never a later one.

        None where there is none. ``version_of`` tells its version, for SETUPTOOLS_SCM_PRETEND_VERSION. Raises
        RepositoryError.
        """
        with self._at(repo, commit, tags=True) as (git, whole_id):
            try:
                return str(git.describe("--tags", "--abbrev=0", "--match=*[0-9]*", whole_id))
            except GitCommandError as error:
                if any(words in error.stderr for words in _NO_TAG):
                    return None
                raise RepositoryError(f"cannot tell the version of {repo} at {commit}: {reason(error)}") from error

    @contextmanager
    def _at(self, repo: str, commit: str, *, tags: bool = False) -> Iterator[tuple[Git, str]]:
        """Give git over the repository's objects, and the commit's whole id."""
        assert_name(repo)
        if not _COMMIT.fullmatch(commit):
            raise RepositoryError(f"{commit[:100]!r} is not a commit's id: write 7 to 40 hexadecimal digits")
        repository, home = self._with_commit(repo, commit)
        with borrowed(repository, home, read_tags(repository) if tags else None) as git:
            whole_id = _commit_id(git, commit)
            if whole_id is None:
                raise RepositoryError(f"{repository} has no commit {commit}, or more than one: fetch it there first")
            yield git, whole_id

    def _with_commit(self, repo: str, commit: str) -> tuple[Path, Path]:
        """Return a repository and the folder that it must keep to; one that is cloned has the commit, if it can."""
        found = find(self.folder, repo) if self.folder else None
        if self.folder and found:
            return found, self.folder
        shelf = self.cache / "repositories"
        url = self.clone_url.replace("{repo}", repo)
        clone = clone_once(url, shelf / f"{repo.replace('/', '__')}.git")
        with borrowed(clone, shelf) as git:
            known = _commit_id(git, commit) is not None
        if not known:
            fetch_commit(url, clone, commit)
        return clone, shelf


def _commit_id(git: Git, commit: str) -> str | None:
    try:
        return str(git.rev_parse("--verify", "--quiet", f"{commit}^{{commit}}"))
    except GitCommandError:
        return None
