"""The few fields of GitHub's payloads that the bot reads; whatever else a payload says reaches nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from environments.text import one_line
from environments.trees.beneath import OutsideError, read_beneath
from github_bot.artifact import Repository
from github_bot.errors import GitHubError, NotConfigured
from github_bot.github.contract import Actor

MAX_BYTES = 26_000_000
"""GitHub's own ceiling is 25 MB."""
Word = Annotated[str, Field(max_length=300)]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Account(_Read):
    """Who did something."""

    login: Word
    type: Word = "User"

    @property
    def actor(self) -> Actor:
        """Return the account as the bot knows it: whatever is no plain user is a bot."""
        return Actor(self.login, self.type != "User" or self.login.lower().endswith("[bot]"))


class Label(_Read):
    """A label."""

    name: Word


class RepositoryFields(_Read):
    """Where it happened."""

    full_name: Repository
    html_url: Word
    default_branch: Word = ""
    """Empty in some events."""


class IssueFields(_Read):
    """An issue or a pull request's conversation at the moment of the event."""

    number: int
    title: str
    body: str | None = None
    user: Account | None = None
    state: Word
    locked: bool = False
    updated_at: datetime
    pull_request: dict[str, object] | None = None


class CommentFields(_Read):
    """A comment."""

    id: int
    body: str
    user: Account | None = None
    created_at: datetime
    performed_via_github_app: dict[str, object] | None = None


class ReviewFields(_Read):
    """A review."""

    id: int
    body: str | None = None
    state: Word
    submitted_at: datetime


class Side(_Read):
    """One side of a pull request."""

    ref: Word
    sha: Word
    repo: RepositoryFields | None = None


class PullRequestFields(_Read):
    """A pull request."""

    number: int
    user: Account | None = None
    state: Word
    merged: bool = False
    head: Side
    updated_at: datetime


class CheckSuiteFields(_Read):
    """The checks of one commit by one app."""

    id: int
    head_branch: Word | None = None
    head_sha: Word
    conclusion: Word | None = None
    updated_at: datetime


class Payload(_Read):
    """A whole payload; which of its parts are there says what kind of event it is."""

    action: Word = ""
    repository: RepositoryFields
    sender: Account
    issue: IssueFields | None = None
    comment: CommentFields | None = None
    label: Label | None = None
    assignee: Account | None = None
    review: ReviewFields | None = None
    pull_request: PullRequestFields | None = None
    check_suite: CheckSuiteFields | None = None

    @property
    def host(self) -> str:
        """Return where the repository is: ``https://github.com``, or an Enterprise server."""
        return self.repository.html_url.removesuffix(f"/{self.repository.full_name}")

    @property
    def what(self) -> str:
        """Return the kind of event and its action, such as ``issues.labeled``."""
        kinds = (
            ("check_suite", self.check_suite),
            ("pull_request_review", self.review),
            ("pull_request_review_comment", self.comment and self.pull_request),
            ("issue_comment", self.comment and self.issue),
            ("pull_request", self.pull_request),
            ("issues", self.issue),
        )
        return f"{next((kind for kind, part in kinds if part), 'other')}.{self.action}"


def read_payload(path: Path) -> Payload:
    """Return the payload in a file, such as ``$GITHUB_EVENT_PATH``. NotConfigured, in one line, for anything else."""
    try:
        return parse_payload(read_beneath(path.parent.resolve(), path.name, at_most=MAX_BYTES))
    except (OSError, OutsideError) as error:
        raise NotConfigured(f"cannot read the event {path}: {getattr(error, 'strerror', None) or error}") from None
    except GitHubError as error:
        raise NotConfigured(f"{path}: {error}: give the payload that GitHub sent, as JSON") from None


def parse_payload(raw: bytes) -> Payload:
    """Return the payload that bytes hold. GitHubError, in one line, where they hold none."""
    try:
        return Payload.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        said = f"{'.'.join(map(str, first['loc'])) or 'the whole'}: {first['msg']}"
        raise GitHubError(f"the event is no payload that the bot knows ({one_line(said, 200)})") from None
