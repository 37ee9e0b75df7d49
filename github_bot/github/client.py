"""GitHub itself, behind the contract: ``GitHubReader`` for phase one, ``GitHubWriter`` for phase two."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from environments.text import decoded
from github_bot.errors import GitHubError
from github_bot.github import shapes
from github_bot.github.connection import Connection
from github_bot.github.contract import (
    Actor,
    Comment,
    FailedCheck,
    GitCommit,
    Issue,
    Permission,
    PullRequest,
    RepositoryInfo,
)
from github_bot.github.tree import CommitTrees

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_RED = ("failure", "timed_out", "startup_failure")
_MOST_RECENT = 10_000
_MOST_CHECKS, _LOG_TAIL = 20, 8_000


class GitHubReader:
    """What a read token can do; a context manager that keeps one connection open, for one thread."""

    def __init__(self, connection: Connection, me: str = "") -> None:
        """Read through a connection.

        Args:
            connection: to GitHub, authenticated.
            me: the login of whose the token is; empty: GitHub is asked.
        """
        self._at, self._me = connection, me
        self._trees: dict[str, CommitTrees] = {}

    def __enter__(self) -> Self:
        self._at.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._at.__exit__(kind, error, trace)

    def repository(self, repository: str) -> RepositoryInfo | None:
        """Return a repository."""
        shown = self._at.get("repos", repository)
        return None if shown is None else shapes.repository(shown)

    def permission(self, repository: str, login: str) -> Permission:
        """Return what an account may do on a repository."""
        return shapes.permission(self._at.get("repos", repository, "collaborators", login, "permission"))

    def issue(self, repository: str, number: int) -> Issue | None:
        """Return an issue or a pull request."""
        shown = self._at.get("repos", repository, "issues", number)
        return None if shown is None else shapes.issue(shown)

    def comments(self, repository: str, number: int) -> tuple[Comment, ...]:
        """Return the comments of a conversation, oldest first, 1,000 at most."""
        return _by_time(self._at.pages("repos", repository, "issues", number, "comments"))

    def recent_comments(self, repository: str, since: datetime) -> tuple[Comment, ...]:
        """Return the bot's own comments on any issue of a repository that changed since, in any order."""
        at, me = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), self.me().login
        seen, own = 0, list[Comment]()
        for shown in self._at.pages("repos", repository, "issues/comments", most=_MOST_RECENT, since=at):
            seen += 1
            if shapes.actor(shown.get("user")).login == me:
                own.append(shapes.comment(shown))
        if seen >= _MOST_RECENT:
            raise GitHubError(f"{repository} has over {_MOST_RECENT:,} comments since {at}: they cannot be counted")
        return tuple(own)

    def reviews(self, repository: str, number: int) -> tuple[Comment, ...]:
        """Return the reviews of a pull request and the comments on its lines, oldest first."""
        pull = ("repos", repository, "pulls", number)
        return _by_time([*self._at.pages(*pull, "reviews"), *self._at.pages(*pull, "comments")])

    def file(self, repository: str, path: str, ref: str) -> bytes | None:
        """Return a file at a branch or commit; links and submodules are none."""
        commit = ref if _COMMIT.fullmatch(ref) else self.head(repository, ref)
        return None if commit is None else self._tree(repository).read(commit, path)

    def head(self, repository: str, branch: str) -> str | None:
        """Return the commit that a branch is at."""
        shown = self._at.get("repos", repository, "git/ref/heads", branch)
        return None if shown is None else str(shown["object"]["sha"])

    def commit_at(self, repository: str, commit: str) -> GitCommit | None:
        """Return a commit, of the repository or of its forks."""
        shown = self._at.get("repos", repository, "git/commits", commit)
        return None if shown is None else shapes.commit(shown)

    def contains(self, repository: str, branch: str, commit: str) -> bool:
        """Tell whether a commit is a branch's head or one before it."""
        shown = self._at.get("repos", repository, "compare", f"{commit}...{branch}", per_page=1)
        return shown is not None and shown["status"] in ("ahead", "identical")

    def pull_request(self, repository: str, number: int) -> PullRequest | None:
        """Return a pull request."""
        shown = self._at.get("repos", repository, "pulls", number)
        return None if shown is None else shapes.pull_request(shown)

    def pull_requests(self, repository: str, *, head: str = "", state: str = "open") -> tuple[PullRequest, ...]:
        """Return pull requests, of one branch of the repository itself where it is named, newest first."""
        owner = repository.split("/")[0]
        wanted: dict[str, Any] = {"state": state, **({"head": f"{owner}:{head}"} if head else {})}
        return tuple(shapes.pull_request(shown) for shown in self._at.pages("repos", repository, "pulls", **wanted))

    def diff(self, repository: str, number: int) -> str:
        """Return what a pull request changes, of each file what GitHub shows."""
        return "".join(map(_change, self._at.pages("repos", repository, "pulls", number, "files")))

    def failed_checks(self, repository: str, commit: str) -> tuple[FailedCheck, ...]:
        """Return the checks of a commit that ended red, 20 at most."""
        shown = self._at.get("repos", repository, "commits", commit, "check-runs", per_page=100) or {}
        red = [check for check in shown.get("check_runs", ()) if check.get("conclusion") in _RED]
        return tuple(self._failed(repository, check) for check in red[:_MOST_CHECKS])

    def labels(self, repository: str) -> tuple[str, ...]:
        """Return the names of the repository's labels."""
        return tuple(str(label["name"]) for label in self._at.pages("repos", repository, "labels"))

    def setting(self, repository: str, *path: str) -> Any:
        """Return a setting of a repository as JSON; None where there is none."""
        return self._at.get("repos", repository, *path)

    def me(self) -> Actor:
        """Return who the token is."""
        if not self._me:
            self._me = self._at.login()
        return Actor(self._me, is_bot=self._me.endswith("[bot]"))

    def _failed(self, repository: str, check: dict[str, Any]) -> FailedCheck:
        output = check.get("output") or {}
        said = "\n".join(filter(None, (output.get("title"), output.get("summary"))))
        # A check of GitHub Actions is a job by the same number; others have no log here.
        log = self._at.tail("repos", repository, "actions/jobs", check["id"], "logs", at_most=_LOG_TAIL)
        return FailedCheck(str(check["name"]), said[:_LOG_TAIL], decoded(log))

    def _tree(self, repository: str) -> CommitTrees:
        return self._trees.setdefault(repository, CommitTrees(self._at, repository))


class GitHubWriter(GitHubReader):
    """What the token of phase two can do: no review, no merge, no force-push."""

    def create_comment(self, repository: str, number: int, body: str) -> Comment:
        """Post a comment on an issue or pull request."""
        return shapes.comment(self._at.post("repos", repository, "issues", number, "comments", body=body))

    def update_comment(self, repository: str, comment: int, body: str) -> None:
        """Replace the text of a comment of the bot's own."""
        self._at.patch("repos", repository, "issues/comments", comment, body=body)

    def delete_comment(self, repository: str, comment: int) -> None:
        """Remove a comment of the bot's own that another of it stands before; one that is gone is no error."""
        self._at.delete("repos", repository, "issues/comments", comment)

    def tree(
        self, repository: str, commit: str, files: Mapping[str, bytes | None], executable: Collection[str] = ()
    ) -> str:
        """Make the tree of a commit with files changed (None: removed) and return its id, unreferenced yet."""
        return self._tree(repository).write(commit, files, executable)

    def commit(self, repository: str, parent: str, tree: str, message: str) -> str:
        """Make a commit of a tree and return its id, unreferenced yet.

        It names no author: GitHub then takes the token's account, and signs it.
        """
        made = self._at.post("repos", repository, "git/commits", message=message, tree=tree, parents=[parent])
        return str(made["sha"])

    def create_branch(self, repository: str, branch: str, commit: str) -> None:
        """Make a new branch."""
        self._at.post("repos", repository, "git/refs", ref=f"refs/heads/{branch}", sha=commit)

    def advance_branch(self, repository: str, branch: str, commit: str) -> None:
        """Move a branch forward; never by force."""
        self._at.patch("repos", repository, "git/refs/heads", branch, sha=commit, force=False)

    def delete_branch(self, repository: str, branch: str) -> None:
        """Remove a branch of the bot's own; one that is gone is no error."""
        self._at.delete("repos", repository, "git/refs/heads", branch)

    def create_pull_request(
        self, repository: str, *, title: str, body: str, head: str, base: str, draft: bool
    ) -> PullRequest:
        """Open a pull request."""
        said = {"title": title, "body": body, "head": head, "base": base, "draft": draft}
        return shapes.pull_request(self._at.post("repos", repository, "pulls", **said))

    def update_pull_request(self, repository: str, number: int, *, title: str, body: str) -> None:
        """Replace the title and description of the bot's own pull request."""
        self._at.patch("repos", repository, "pulls", number, title=title, body=body)


def _by_time(shown: Any) -> tuple[Comment, ...]:
    return tuple(sorted(map(shapes.comment, shown), key=lambda comment: (comment.created_at, comment.id)))


def _change(shown: dict[str, Any]) -> str:
    before = shown.get("previous_filename", shown["filename"])
    return f"--- a/{before}\n+++ b/{shown['filename']}\n{shown.get('patch') or '(not shown)'}\n"
