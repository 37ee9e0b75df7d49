"""Phase two in order: check, branch, pull request, comment. Each step looks for what is there before it makes it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from github_bot.artifact import Artifact, read_artifact
from github_bot.config import PATH, BotConfig, read_config
from github_bot.errors import ArtifactError, NotConfigured, Refused
from github_bot.github.contract import Issue, PullRequest, RepositoryInfo, Writer
from github_bot.marker import Run, disarmed
from github_bot.money import runs_of
from github_bot.publish.branch import push
from github_bot.publish.change import steps
from github_bot.publish.checks import Target, check_artifact, check_change, check_target
from github_bot.publish.ensure import ensure
from github_bot.publish.one_comment import say
from github_bot.publish.secrets import known_in, shape_of_secret
from github_bot.reading.others import others_fixing, others_said
from swebench_runs.errors import RunoffError


@dataclass(frozen=True)
class Published:
    """What is there now, whoever made it."""

    comment: int
    text: str
    """What the comment says."""
    pull_request: int | None = None


_RUN = re.compile(r"<!-- runoff-run ([A-Za-z0-9._:-]+) -->")


def publish_folder(folder: Path, target: Target, writer: Writer, secrets: Collection[str]) -> Published:
    """Post the artifact of a folder (see ``publish``); ArtifactError, said on the issue, where it cannot be read."""
    try:
        artifact = read_artifact(folder)
    except ArtifactError as error:
        say(writer, target.repository, target.issue, _refusal(error, secrets))
        raise
    return publish(artifact, target, writer, secrets)


def publish(artifact: Artifact, target: Target, writer: Writer, secrets: Collection[str]) -> Published:
    """Post an artifact; posting it again changes nothing.

    Raises ArtifactError where it is refused, Refused where the place takes nothing any more; the issue's comment says
    so then, unless nothing can be said there. GitHubError where GitHub did not do it: the same call goes on from there.
    """
    try:
        repository, issue = check_target(artifact, writer)
        config = _config(writer, repository)
        check_artifact(artifact, target, config, secrets, _site(repository))
    except (ArtifactError, NotConfigured) as error:
        # The comment that says "started" must not stay.
        say(writer, target.repository, target.issue, _refusal(error, secrets))
        raise
    cost, note = _counted(artifact, config, writer)
    run = Run(at=datetime.now(UTC).date().isoformat(), cost=cost, confidence=artifact.confidence)
    pull, text = None, artifact.comment
    if artifact.outcome == "draft_pull_request":
        try:
            pull = _pull_request(artifact, repository, issue, writer)
            others = others_said(others_fixing(artifact.issue, artifact.repository, writer))
            text = "\n\n".join(filter(None, (text.rstrip(), others, f"Pull request: #{pull.number}")))
        except Refused as refused:
            text = f"Runoff has a patch, but {refused}."
        except ArtifactError as error:
            say(writer, target.repository, target.issue, _refusal(error, secrets), run_id=artifact.run_id, run=run)
            raise
    text = "\n\n".join(filter(None, (text.rstrip(), note)))
    comment = say(writer, artifact.repository, artifact.issue, text, run_id=artifact.run_id, run=run)
    return Published(comment, text, pull.number if pull else None)


def _counted(artifact: Artifact, config: BotConfig, writer: Writer) -> tuple[float | None, str]:
    """Return what a run is counted with, and a sentence where it says that it took more than it was granted."""
    begun = runs_of(writer.comments(artifact.repository, artifact.issue), writer).get(artifact.run_id)
    granted = config.budget.run if begun is None or begun.cost is None else begun.cost
    cost = artifact.spending.cost
    if cost is None or cost <= granted:
        return cost, ""
    return granted, f"It says that it cost more than was granted: ${granted:.2f} are counted."


def _pull_request(artifact: Artifact, repository: RepositoryInfo, issue: Issue, writer: Writer) -> PullRequest:
    """Return the artifact's pull request, from the issue's one branch; Refused where there may be none."""
    before = _own(artifact, writer, "all")
    # What was posted once is there, though it was closed, merged or gone on with since.
    if (known := next((pull for pull in before if artifact.run_id in _runs(pull)), None)) is not None:
        return _up_to_date(known, artifact, writer)
    check_change(artifact, repository, issue, writer)
    opened = next((pull for pull in before if pull.state == "open"), None)
    if opened is not None and opened.number != artifact.pull_request:
        raise Refused(f"#{opened.number} is open for this issue already: review it there, or close it and ask again")
    if opened is None and artifact.pull_request is not None:
        raise Refused(f"#{artifact.pull_request} was closed meanwhile")
    push(writer, artifact, steps(artifact, writer))
    if opened is not None:
        return _up_to_date(opened, artifact, writer)
    return ensure(
        lambda: next(iter(_own(artifact, writer, "open")), None),
        lambda: writer.create_pull_request(
            artifact.repository,
            title=artifact.title,
            body=_body(artifact, ()),
            head=artifact.branch,
            base=artifact.base_branch,
            draft=True,
        ),
    )


def _own(artifact: Artifact, writer: Writer, state: str) -> tuple[PullRequest, ...]:
    me = writer.me().login
    found = writer.pull_requests(artifact.repository, head=artifact.branch, state=state)
    return tuple(pull for pull in found if pull.author.login == me)


def _up_to_date(pull: PullRequest, artifact: Artifact, writer: Writer) -> PullRequest:
    """Give an open pull request the artifact's texts, unless a later round's are there."""
    runs = _runs(pull)
    wanted = (artifact.title, _body(artifact, runs))
    is_last = artifact.run_id not in runs[:-1]
    if pull.state == "open" and is_last and (pull.title, pull.body.replace("\r\n", "\n")) != wanted:
        writer.update_pull_request(artifact.repository, pull.number, title=artifact.title, body=wanted[1])
    return pull


def _runs(pull: PullRequest) -> list[str]:
    """Return the ids of the runs that made a pull request, in order."""
    return _RUN.findall(pull.body)


def _body(artifact: Artifact, earlier: Sequence[str]) -> str:
    runs = dict.fromkeys([*earlier, artifact.run_id])
    return "\n".join([disarmed(artifact.body).rstrip(), "", *(f"<!-- runoff-run {run} -->" for run in runs)])


def _config(writer: Writer, repository: RepositoryInfo) -> BotConfig:
    return read_config(writer.file(repository.name, PATH, repository.default_branch))


def _site(repository: RepositoryInfo) -> str:
    return repository.clone_url.removesuffix(".git") + "/"


def _refusal(error: RunoffError, secrets: Collection[str]) -> str:
    said = str(error)
    if shape_of_secret(said) or known_in(said, secrets):  # names of files are the artifact's own words
        said = "its refusal would show a secret"
    shown = said.replace("`", "'").replace("\n", " ")[:400]
    return f"Runoff made a result that may not be posted, so nothing of it was: ``{shown}``"
