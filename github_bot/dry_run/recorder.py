"""A writer that only writes down: what was posted is seen by whoever reads through it, and by nobody else."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any

from github_bot.github.contract import Comment, GitCommit, PullRequest, Reader


@dataclass(frozen=True)
class Post:
    """One thing that would be posted."""

    what: str
    text: str = ""


class Recorder:
    """GitHub as a reader sees it, with what was written to this object on top."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.posts: list[Post] = []
        self._comments: dict[tuple[str, int], list[Comment]] = {}
        self._branches: dict[str, str] = {}
        self._commits: dict[str, GitCommit] = {}
        self._trees: dict[str, Mapping[str, bytes | None]] = {}
        self._pulls: list[PullRequest] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def comments(self, repository: str, number: int) -> tuple[Comment, ...]:
        """Return GitHub's comments and those written here."""
        return (*self._reader.comments(repository, number), *self._comments.get((repository, number), ()))

    def head(self, repository: str, branch: str) -> str | None:
        """Return the commit that a branch is at."""
        return self._branches.get(branch) or self._reader.head(repository, branch)

    def commit_at(self, repository: str, commit: str) -> GitCommit | None:
        """Return a commit."""
        return self._commits.get(commit) or self._reader.commit_at(repository, commit)

    def pull_requests(self, repository: str, *, head: str = "", state: str = "open") -> tuple[PullRequest, ...]:
        """Return pull requests."""
        here = [pull for pull in self._pulls if head in ("", pull.head_branch)]
        return (*here, *self._reader.pull_requests(repository, head=head, state=state))

    def create_comment(self, repository: str, number: int, body: str) -> Comment:
        """Write down a comment."""
        now = datetime.now(UTC)
        made = Comment(-1 - len(self.posts), self._reader.me(), body, now, now)
        self._comments.setdefault((repository, number), []).append(made)
        self.posts.append(Post(f"a comment on #{number}", body))
        return made

    def update_comment(self, repository: str, comment: int, body: str) -> None:
        """Write down the new text of a comment."""
        for kept in self._comments.values():
            kept[:] = [replace(one, body=body) if one.id == comment else one for one in kept]
        self.posts.append(Post("that comment, edited", body))

    def delete_comment(self, repository: str, comment: int) -> None:
        """Write down that a comment goes."""
        self.posts.append(Post(f"comment {comment} removed"))

    def tree(
        self, repository: str, commit: str, files: Mapping[str, bytes | None], executable: Collection[str] = ()
    ) -> str:
        """Return a name for a tree."""
        name = _name(commit, *(f"{path}\0{content!r}" for path, content in sorted(files.items())))
        self._trees[name] = dict(files)
        return name

    def commit(self, repository: str, parent: str, tree: str, message: str) -> str:
        """Write down a commit."""
        name = _name(parent, tree, message)
        self._commits[name] = GitCommit(name, tree, (parent,), message)
        made, before = self._trees[tree], self._commits.get(parent)
        had = self._trees.get(before.tree, {}) if before else {}
        changed = sorted(path for path in made if path not in had or made[path] != had[path])
        self.posts.append(Post(f"a commit on {parent[:10]} of {', '.join(changed)}", message))
        return name

    def create_branch(self, repository: str, branch: str, commit: str) -> None:
        """Write down a new branch."""
        self._branches[branch] = commit
        self.posts.append(Post(f"the new branch {branch}"))

    def advance_branch(self, repository: str, branch: str, commit: str) -> None:
        """Write down that a branch moves on."""
        self._branches[branch] = commit
        self.posts.append(Post(f"the branch {branch}, moved on"))

    def delete_branch(self, repository: str, branch: str) -> None:
        """Write down that a branch goes."""
        self._branches.pop(branch, None)
        self.posts.append(Post(f"the branch {branch} removed"))

    def create_pull_request(
        self, repository: str, *, title: str, body: str, head: str, base: str, draft: bool
    ) -> PullRequest:
        """Write down a pull request; it is numbered as if nothing had come after the issue."""
        made = PullRequest(
            number=1 + max((number for _, number in self._comments), default=0),
            title=title,
            body=body,
            author=self._reader.me(),
            state="open",
            merged=False,
            draft=draft,
            head_branch=head,
            head_commit=self._branches[head],
            head_repository=repository,
            base_branch=base,
        )
        self._pulls.append(made)
        self.posts.append(Post(f"a {'draft ' if draft else ''}pull request from {head} to {base}: {title}", body))
        return made

    def update_pull_request(self, repository: str, number: int, *, title: str, body: str) -> None:
        """Write down a pull request's new description."""
        self.posts.append(Post(f"pull request #{number}, edited: {title}", body))


def _name(*parts: str) -> str:
    return sha1("\0".join(parts).encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
