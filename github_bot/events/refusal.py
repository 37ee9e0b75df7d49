"""Whether the bot may and can do what a request asks: asked of GitHub before anything is spent."""

from __future__ import annotations

from dataclasses import replace

from github_bot.artifact import branch_of
from github_bot.config import BotConfig
from github_bot.errors import Refused
from github_bot.events.request import Request
from github_bot.github.contract import Issue, PullRequest, Reader, RepositoryInfo

RANKS = ("none", "read", "triage", "write", "maintain", "admin")
HOST = "https://github.com"


def allowed(request: Request, config: BotConfig, github: Reader, host: str = HOST) -> Request:
    """Return the request with what GitHub alone knows filled in; Refused, in one line, where it is not to be done.

    ``host``: the one that the token is for. Nobody's word is taken for their rights: the role is asked by API, of
    everybody but GitHub itself (checks, and the end of a pull request).
    """
    if request.host.rstrip("/").lower() != host.rstrip("/").lower():
        raise Refused(f"the event is of {request.host}, but the bot works on {host}: set GITHUB_SERVER_URL")
    _repository(github.repository(request.repository), request, config)
    asked_by_github = request.kind == "checks" or request.verb == "closed"
    if not asked_by_github:
        _permission(request, config, github)
    if request.pull_request is not None or request.kind == "checks":
        request = _own_pull_request(request, github)
        if request.verb == "closed":
            return request
    return _issue(request, github.issue(request.repository, request.issue))


def may(config: BotConfig, github: Reader, repository: str, login: str) -> bool:
    """Tell whether an account has the role on the repository that the configuration asks for."""
    return RANKS.index(github.permission(repository, login)) >= RANKS.index(config.permission)


def _repository(found: RepositoryInfo | None, request: Request, config: BotConfig) -> None:
    if found is None:
        raise Refused(f"{request.repository} is not to be seen with this token: give it read access")
    if found.archived or found.disabled:
        raise Refused(f"{request.repository} is archived or disabled: nothing can be posted there")
    if found.fork and not config.forks:
        raise Refused(f"{request.repository} is a fork: set `forks: true` in .github/runoff.yml to work there")


def _permission(request: Request, config: BotConfig, github: Reader) -> None:
    if request.actor.is_bot:
        raise Refused(f"{request.actor.login} is a bot, and no bot starts the bot")
    if not may(config, github, request.repository, request.actor.login):
        raise Refused(f"{request.actor.login} lacks the permission {config.permission!r} that starts the bot")


def _own_pull_request(request: Request, github: Reader) -> Request:
    """Find the bot's pull request that a request is about, and the issue it is for."""
    if request.pull_request is None:
        own = github.pull_requests(request.repository, head=branch_of(request.issue))
        found = own[0] if own else None
    else:
        found = github.pull_request(request.repository, request.pull_request)
    number = _issue_number(found, request, github)
    assert found is not None
    if request.kind == "checks" and found.head_commit != request.commit:
        raise Refused(f"the checks are of {request.commit[:10]}, which #{found.number} has left behind")
    if request.verb == "revise" and found.state != "open":
        raise Refused(f"#{found.number} is closed: reopen it, or ask anew on the issue")
    return replace(request, pull_request=found.number, issue=number, commit=found.head_commit, merged=found.merged)


def _issue_number(found: PullRequest | None, request: Request, github: Reader) -> int:
    what = f"#{request.pull_request or request.issue}"
    if found is None:
        raise Refused(f"{what} has no pull request of the bot's")
    prefix, _, number = found.head_branch.rpartition("-")
    ours = found.author.login.lower() == github.me().login.lower()
    home = found.head_repository.lower() == request.repository.lower()
    if not ours or not home or f"{prefix}-" != branch_of(0)[:-1] or not number.isdigit():
        raise Refused(f"{what} is not a pull request of the bot's")
    return int(number)


def _issue(request: Request, issue: Issue | None) -> Request:
    """Return the request with the issue's text, where the event did not hold it."""
    if issue is None:
        raise Refused(f"issue #{request.issue} is not there any more")
    if issue.repository and issue.repository.lower() != request.repository.lower():
        raise Refused(f"issue #{request.issue} was moved to {issue.repository}: ask there")
    if issue.is_pull_request:
        raise Refused(f"#{request.issue} is a pull request, and the bot works on issues")
    if issue.locked:
        raise Refused(f"issue #{request.issue} is locked: unlock it first")
    if issue.state == "closed" and request.verb not in ("stop", "explain", "revise"):
        raise Refused(f"issue #{request.issue} is closed: reopen it first")
    if request.title:
        return request
    return replace(request, title=issue.title, body=issue.body, author=issue.author.login)
