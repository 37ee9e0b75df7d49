"""What an event asks of the bot: a request, or the reason why it asks for nothing. Reads the payload alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from github_bot.artifact import Kind, Trigger
from github_bot.config import BotConfig
from github_bot.events.command import Command, command_of
from github_bot.events.payload import IssueFields, Payload, PullRequestFields
from github_bot.github.contract import Actor

Verb = Literal["solve", "retry", "stop", "explain", "help", "revise", "closed"]
_BRANCH = re.compile(r"runoff/issue-(\d{1,12})")
_RED = ("failure", "timed_out")


@dataclass(frozen=True)
class Request:
    """What somebody asks for."""

    verb: Verb
    """``revise``: another round on the bot's pull request; ``closed``: that pull request is over; ``help``: a command
    that is none."""
    kind: Kind
    id: str
    """Of the event: the same however often it is delivered."""
    actor: Actor
    at: datetime
    """When it was asked: what was written later is not read."""
    repository: str
    host: str
    """Of the repository: ``https://github.com``, or an Enterprise server's."""
    issue: int
    title: str = ""
    """As it was at that moment; empty where the event does not hold it."""
    body: str = ""
    author: str = ""
    comment: int | None = None
    """The comment that asks."""
    pull_request: int | None = None
    """The bot's own, of ``revise`` and ``closed``."""
    commit: str = ""
    """The head of that pull request at that moment."""
    text: str = ""
    """What the review says."""
    budget: float | None = None
    hint: str = ""
    merged: bool = False

    @property
    def trigger(self) -> Trigger:
        """Return what the artifact keeps of it; checks are nobody's request."""
        return Trigger(kind=self.kind, id=self.id, actor="checks" if self.kind == "checks" else self.actor.login)


@dataclass(frozen=True)
class Ignored:
    """Why an event asks for nothing."""

    reason: str


def read_request(payload: Payload, config: BotConfig) -> Request | Ignored:
    """Return what an event asks for by what it says and by what the repository's configuration lets start the bot."""
    reader = _READERS.get(payload.what)
    if reader is None:
        return Ignored(f"{payload.what} starts nothing")
    if payload.sender.actor.is_bot and payload.what not in _BY_GITHUB:
        return Ignored(f"{payload.sender.login} is a bot, and no bot starts the bot")
    return reader(payload, config)


def _labeled(payload: Payload, config: BotConfig) -> Request | Ignored:
    name = payload.label.name if payload.label else ""
    if name.lower() != config.label.lower():
        return Ignored(f"the label is not {config.label!r}")
    if not config.triggers.label:
        return Ignored("labels are switched off: triggers.label")
    return _on_issue(payload, "label")


def _assigned(payload: Payload, config: BotConfig) -> Request | Ignored:
    login = payload.assignee.login if payload.assignee else ""
    if not config.assignee or login.lower() != config.assignee.lower():
        return Ignored("the assignee is not the bot's account")
    if not config.triggers.assignment:
        return Ignored("assignments are switched off: triggers.assignment")
    return _on_issue(payload, "assignment")


def _on_issue(payload: Payload, kind: Kind) -> Request | Ignored:
    issue = payload.issue
    assert issue is not None
    if issue.pull_request is not None:
        return Ignored(f"#{issue.number} is a pull request, and the bot works on issues")
    stamp = f"{issue.updated_at:%Y%m%dT%H%M%S}"
    return _request(payload, issue, "solve", kind, f"{kind}-{issue.number}-{stamp}", issue.updated_at)


def _commented(payload: Payload, config: BotConfig) -> Request | Ignored:
    issue, comment = payload.issue, payload.comment
    assert issue is not None
    assert comment is not None
    command = command_of(comment.body, of_review=issue.pull_request is not None)
    if command is None:
        return Ignored("the comment does not start with /runoff")
    if not config.triggers.command:
        return Ignored("commands are switched off: triggers.command")
    if comment.performed_via_github_app is not None:
        return Ignored("an app wrote the comment, and no bot starts the bot")
    asked = _request(payload, issue, command.verb, "command", f"command-{comment.id}", comment.created_at, command)
    return _of_pull_request(asked, config) if issue.pull_request is not None else asked


def _of_pull_request(asked: Request, config: BotConfig) -> Request | Ignored:
    """Read a command on a pull request: which issue its branch is for is asked later, of GitHub."""
    if asked.verb in ("solve", "retry") and not config.triggers.review:
        return Ignored("rounds of review are switched off: triggers.review")
    verb: Verb = "revise" if asked.verb in ("solve", "retry") else asked.verb
    return replace(
        asked,
        verb=verb,
        kind="review",
        id=f"review-c{asked.comment}",
        pull_request=asked.issue,
        issue=0,
        title="",
        body="",
        text=asked.hint,
    )


def _reviewed(payload: Payload, config: BotConfig) -> Request | Ignored:
    review, request = payload.review, payload.pull_request
    assert review is not None
    assert request is not None
    if not config.triggers.review:
        return Ignored("rounds of review are switched off: triggers.review")
    if review.state.lower() not in ("changes_requested", "commented"):
        return Ignored(f"a review that is {review.state!r} asks for nothing")
    return _on_own(payload, request, "review", f"review-{review.id}", review.submitted_at, review.body or "")


def _checked(payload: Payload, config: BotConfig) -> Request | Ignored:
    suite = payload.check_suite
    assert suite is not None
    found = _BRANCH.fullmatch(suite.head_branch or "")
    if found is None:
        return Ignored("the checks are not of the bot's branch")
    if suite.conclusion not in _RED:
        return Ignored("the checks are not red")
    if not config.triggers.checks:
        return Ignored("checks are switched off: triggers.checks")
    common = _common(payload, "revise", "checks", f"checks-{suite.head_sha}", suite.updated_at, int(found[1]))
    return Request(**common, commit=suite.head_sha)


def _closed(payload: Payload, config: BotConfig) -> Request | Ignored:
    request = payload.pull_request
    assert request is not None
    return _on_own(payload, request, "review", f"closed-{request.number}", request.updated_at, "", verb="closed")


def _on_own(
    payload: Payload, request: PullRequestFields, kind: Kind, id: str, at: datetime, text: str, verb: Verb = "revise"
) -> Request | Ignored:
    """Return a request on the bot's own pull request, by its branch, which must lie in the repository itself."""
    found = _BRANCH.fullmatch(request.head.ref)
    home = request.head.repo.full_name.lower() if request.head.repo else ""
    if found is None or home != payload.repository.full_name.lower():
        return Ignored(f"#{request.number} is not a pull request of the bot's")
    if verb == "revise" and request.state != "open":
        return Ignored(f"#{request.number} is closed")
    return Request(
        **_common(payload, verb, kind, id, at, int(found[1])),
        pull_request=request.number,
        commit=request.head.sha,
        text=text,
        merged=request.merged,
    )


def _request(
    payload: Payload,
    issue: IssueFields,
    verb: Verb,
    kind: Kind,
    id: str,
    at: datetime,
    command: Command | None = None,
) -> Request:
    return Request(
        **_common(payload, verb, kind, id, at, issue.number),
        title=issue.title,
        body=issue.body or "",
        author=issue.user.login if issue.user else "",
        comment=payload.comment.id if payload.comment else None,
        budget=command.budget if command else None,
        hint=command.hint if command else "",
    )


def _common(payload: Payload, verb: Verb, kind: Kind, id: str, at: datetime, issue: int) -> dict[str, Any]:
    """Return what every request has."""
    return {
        **{"verb": verb, "kind": kind, "id": id, "at": at, "issue": issue},
        **{"actor": payload.sender.actor, "repository": payload.repository.full_name, "host": payload.host},
    }


_READERS: dict[str, Callable[[Payload, BotConfig], Request | Ignored]] = {
    "issues.labeled": _labeled,
    "issues.assigned": _assigned,
    "issue_comment.created": _commented,
    "pull_request_review.submitted": _reviewed,
    "check_suite.completed": _checked,
    "pull_request.closed": _closed,
}
_BY_GITHUB = ("check_suite.completed", "pull_request.closed")
"""Events that are no one's request: a bot may well close a pull request, or run its checks."""
