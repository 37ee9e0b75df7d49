"""What must hold before anything is posted. An artifact is believed nothing: not whose it is, nor what it is for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from github_bot.artifact import Artifact, issue_digest
from github_bot.config import BotConfig
from github_bot.errors import ArtifactError, Refused
from github_bot.github.contract import Issue, Reader, RepositoryInfo
from github_bot.publish.change import read_patch
from github_bot.publish.paths import change_problem
from github_bot.publish.secrets import known_in, shape_of_secret
from github_bot.publish.texts import text_problem, title_problem


@dataclass(frozen=True)
class Target:
    """What phase two itself knows of the event: never from the artifact."""

    repository: str
    issue: int
    run_id: str
    """The request's: what is counted is counted for this run alone."""


def check_artifact(artifact: Artifact, target: Target, config: BotConfig, secrets: Iterable[str], site: str) -> None:
    """Hold what an artifact says to what it may say, without asking GitHub anything. ArtifactError where it may not.

    Args:
        artifact: what phase one made.
        target: what it must be for.
        config: the repository's, of its default branch.
        secrets: values that are posted nowhere.
        site: where links may lead: the repository's own pages.
    """
    if (artifact.repository.casefold(), artifact.issue) != (target.repository.casefold(), target.issue):
        raise _not(f"it is for {artifact.repository}#{artifact.issue}, not {target.repository}#{target.issue}")
    if artifact.run_id != target.run_id:
        raise _not(f"it is of the run {artifact.run_id}, not {target.run_id}")
    texts = {"title": artifact.title, "description": artifact.body, "comment": artifact.comment}
    patches = {name: patch.decode("utf-8", "replace") for name, patch in _patches(artifact).items()}
    posted = {**texts, **{name: _added(patch) for name, patch in patches.items()}}
    for name, text in posted.items():
        if found := shape_of_secret(text):
            raise _not(f"its {name} holds {found}")
    if any(known_in(text, secrets) for text in (artifact.model_dump_json(), *texts.values(), *patches.values())):
        raise _not("it holds a secret of this process's environment")
    problems = {name: text_problem(text, issue=artifact.issue, links=(site,)) for name, text in texts.items()}
    problems["title"] = title_problem(artifact.title, issue=artifact.issue)
    for name, problem in problems.items():
        if problem:
            raise _not(f"of its {name}: {problem}")
    fix, test = (read_patch(patch, name) for name, patch in _patches(artifact).items())
    if problem := change_problem(fix, test, never=config.never, max_files=config.max_files):
        raise _not(problem)


def check_target(artifact: Artifact, reader: Reader) -> tuple[RepositoryInfo, Issue]:
    """Return the repository and the issue as they are now; Refused where the bot may not answer there any more."""
    repository, issue = reader.repository(artifact.repository), reader.issue(artifact.repository, artifact.issue)
    if repository is None or issue is None:
        raise Refused(f"{artifact.repository}#{artifact.issue} is not there, or the token may not see it")
    if repository.archived or repository.disabled:
        raise Refused(f"{artifact.repository} is archived: nothing can be posted there")
    if issue.repository.casefold() != artifact.repository.casefold():
        raise Refused(f"the issue was moved to {issue.repository}: ask for it there")
    if issue.is_pull_request:
        raise Refused(f"#{issue.number} is a pull request: ask for an issue")
    if issue.locked:
        raise Refused(f"#{issue.number} is locked: nothing is posted there")
    return repository, issue


def check_change(artifact: Artifact, repository: RepositoryInfo, issue: Issue, reader: Reader) -> None:
    """Hold a change to where it would go. Refused where the issue moved on, ArtifactError for a strange base."""
    if issue.state == "closed":
        raise Refused("the issue was closed meanwhile, so no pull request was opened")
    if issue_digest(issue.title, issue.body) != artifact.issue_digest:
        raise Refused("the issue was edited meanwhile, so no pull request was opened: `/runoff retry` reads it anew")
    if artifact.base_branch != repository.default_branch:
        raise _not(f"its base {artifact.base_branch!r} is not the default branch {repository.default_branch!r}")
    # GitHub shows a fork's commits as the repository's own.
    branch = artifact.branch if artifact.pull_request else artifact.base_branch
    if reader.head(artifact.repository, branch) and not reader.contains(
        artifact.repository, branch, artifact.base_commit
    ):
        raise _not(f"its base commit {artifact.base_commit[:12]} is not on {branch}")


def _added(patch: str) -> str:
    """Return what a patch adds: what a repository holds already is its own affair."""
    return "\n".join(line[1:] for line in patch.splitlines() if line.startswith("+"))


def _patches(artifact: Artifact) -> dict[str, bytes]:
    return {"fix.patch": artifact.patch, "test.patch": artifact.test_patch}


def _not(why: str) -> ArtifactError:
    return ArtifactError(f"the artifact is refused: {why}; nothing of it is published")
