"""The bot's one branch of an issue: made of an artifact's commits, or found to be just that already."""

from __future__ import annotations

from collections.abc import Sequence

from github_bot.artifact import Artifact
from github_bot.errors import Refused
from github_bot.github.contract import Writer
from github_bot.publish.change import Step
from github_bot.publish.ensure import ensure

_OURS = "\n\nRunoff-Run: "


def push(writer: Writer, artifact: Artifact, made: Sequence[Step]) -> None:
    """Bring the branch to an artifact's commits, whatever was done before; Refused where it is somebody else's."""
    at, branch = artifact.repository, artifact.branch
    trees = [writer.tree(at, artifact.base_commit, step.files, step.executable) for step in made]

    def there() -> bool | None:
        head = writer.head(at, branch)
        return True if head is not None and _is(writer, artifact, head, trees) else None

    def make() -> bool:
        head = writer.head(at, branch)
        commit = artifact.base_commit
        for tree, step in zip(trees, made, strict=True):
            commit = writer.commit(at, commit, tree, step.message)
        if artifact.pull_request is not None:
            if head != artifact.base_commit:
                raise Refused(
                    f"somebody changed {branch} meanwhile: nothing is pushed over it; `/runoff retry` reads it anew"
                )
            writer.advance_branch(at, branch, commit)
            return True
        if head is not None:
            _remove_leftover(writer, artifact, head)
        writer.create_branch(at, branch, commit)
        return True

    ensure(there, make)


def _is(writer: Writer, artifact: Artifact, head: str, trees: Sequence[str]) -> bool:
    """Tell whether a commit and those before it are an artifact's, down to its base.

    Trees say it: the ids of commits hold the time at which they were made.
    """
    for tree in reversed(trees):
        commit = writer.commit_at(artifact.repository, head)
        if commit is None or commit.tree != tree or len(commit.parents) != 1:
            return False
        (head,) = commit.parents
    return head == artifact.base_commit


def _remove_leftover(writer: Writer, artifact: Artifact, head: str) -> None:
    """Remove the branch of an earlier run that came no further; Refused where it may hold somebody's work."""
    tip = writer.commit_at(artifact.repository, head)
    if tip is None or _OURS not in tip.message:
        raise Refused(f"the branch {artifact.branch} is there and is not the bot's: remove it, then `/runoff retry`")
    writer.delete_branch(artifact.repository, artifact.branch)
