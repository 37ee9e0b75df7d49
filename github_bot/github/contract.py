"""What the bot asks of GitHub: ``Reader`` for phase one, ``Writer`` for phase two.

Texts are as GitHub has them, untrusted and whole; who shows them to a model or posts them makes them fit. Everything
raises GitHubError in one line; a thing that is not there, or that the token may not see, is None.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Permission = Literal["none", "read", "triage", "write", "maintain", "admin"]


@dataclass(frozen=True)
class Actor:
    """An account."""

    login: str
    is_bot: bool
    """By its type (``Bot``, ``Organization``, ``Mannequin``) or a name that ends in ``[bot]``."""


@dataclass(frozen=True)
class RepositoryInfo:
    """A repository."""

    name: str
    """``owner/name``."""
    default_branch: str
    clone_url: str
    private: bool = False
    archived: bool = False
    disabled: bool = False
    fork: bool = False


@dataclass(frozen=True)
class Issue:
    """An issue or a pull request as GitHub has it now."""

    number: int
    title: str
    body: str
    author: Actor
    state: Literal["open", "closed"]
    updated_at: datetime
    locked: bool = False
    is_pull_request: bool = False
    labels: tuple[str, ...] = ()
    repository: str = ""
    """Where it is now: another than was asked for, where it was transferred."""


@dataclass(frozen=True)
class Comment:
    """A comment of an issue, a review, or a comment on a line of a pull request."""

    id: int
    author: Actor
    body: str
    created_at: datetime
    updated_at: datetime
    path: str = ""
    """The file of a comment on a line."""
    line: int | None = None
    state: str = ""
    """Of a review: ``approved``, ``changes_requested``, ``commented``, ``dismissed``."""


@dataclass(frozen=True)
class PullRequest:
    """A pull request."""

    number: int
    title: str
    body: str
    author: Actor
    state: Literal["open", "closed"]
    merged: bool
    draft: bool
    head_branch: str
    head_commit: str
    head_repository: str
    """Empty where it is gone; another than the base's is a fork's."""
    base_branch: str


@dataclass(frozen=True)
class FailedCheck:
    """A check that ended red."""

    name: str
    summary: str
    log_tail: str = ""
    """The end of its log where it can be read; bounded."""


@dataclass(frozen=True)
class GitCommit:
    """A commit."""

    id: str
    tree: str
    parents: tuple[str, ...]
    message: str


class Reader(Protocol):
    """What a read token can do."""

    def repository(self, repository: str) -> RepositoryInfo | None:
        """Return a repository."""

    def permission(self, repository: str, login: str) -> Permission:
        """Return what an account may do on a repository, by its own role there."""

    def issue(self, repository: str, number: int) -> Issue | None:
        """Return an issue or a pull request."""

    def comments(self, repository: str, number: int) -> tuple[Comment, ...]:
        """Return the comments of an issue or of a pull request's conversation, oldest first, 1,000 at most."""

    def recent_comments(self, repository: str, since: datetime) -> tuple[Comment, ...]:
        """Return the bot's own comments on any issue of a repository that changed since, in any order.

        What was spent is counted from them, so it is all of them or GitHubError.
        """

    def reviews(self, repository: str, number: int) -> tuple[Comment, ...]:
        """Return the reviews of a pull request and the comments on its lines, oldest first, 1,000 at most."""

    def file(self, repository: str, path: str, ref: str) -> bytes | None:
        """Return a file at a branch or commit; links and submodules are none."""

    def head(self, repository: str, branch: str) -> str | None:
        """Return the commit that a branch is at."""

    def commit_at(self, repository: str, commit: str) -> GitCommit | None:
        """Return a commit. GitHub shows those of forks too: ``contains`` tells whose it is."""

    def contains(self, repository: str, branch: str, commit: str) -> bool:
        """Tell whether a commit is a branch's head or one before it."""

    def pull_request(self, repository: str, number: int) -> PullRequest | None:
        """Return a pull request."""

    def pull_requests(self, repository: str, *, head: str = "", state: str = "open") -> tuple[PullRequest, ...]:
        """Return pull requests from a branch of the repository itself (``head``; empty: from any), newest first."""

    def diff(self, repository: str, number: int) -> str:
        """Return what a pull request changes, as a unified diff; binary and very large files by their names alone."""

    def failed_checks(self, repository: str, commit: str) -> tuple[FailedCheck, ...]:
        """Return the checks of a commit that ended red, 20 at most."""

    def labels(self, repository: str) -> tuple[str, ...]:
        """Return the names of the repository's labels."""

    def me(self) -> Actor:
        """Return who the token is."""


class Writer(Reader, Protocol):
    """What the token of phase two can do. No review, no merge, no force-push: those have no method here."""

    def create_comment(self, repository: str, number: int, body: str) -> Comment:
        """Post a comment on an issue or pull request."""

    def update_comment(self, repository: str, comment: int, body: str) -> None:
        """Replace the text of a comment of the bot's own."""

    def delete_comment(self, repository: str, comment: int) -> None:
        """Remove a comment of the bot's own; one that is gone is no error."""

    def tree(
        self, repository: str, commit: str, files: Mapping[str, bytes | None], executable: Collection[str] = ()
    ) -> str:
        """Make the tree of a commit with files changed (None: removed) and return its id, unreferenced yet.

        A file that is there keeps its mode; of new ones those in ``executable`` can be run. GitHubError for what would
        be written over or beneath a link or a submodule.
        """

    def commit(self, repository: str, parent: str, tree: str, message: str) -> str:
        """Make a commit of a tree and return its id, unreferenced yet."""

    def create_branch(self, repository: str, branch: str, commit: str) -> None:
        """Make a new branch."""

    def advance_branch(self, repository: str, branch: str, commit: str) -> None:
        """Move a branch forward; never by force."""

    def delete_branch(self, repository: str, branch: str) -> None:
        """Remove a branch of the bot's own; one that is gone is no error."""

    def create_pull_request(
        self, repository: str, *, title: str, body: str, head: str, base: str, draft: bool
    ) -> PullRequest:
        """Open a pull request."""

    def update_pull_request(self, repository: str, number: int, *, title: str, body: str) -> None:
        """Replace the title and description of the bot's own pull request."""
