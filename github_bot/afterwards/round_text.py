"""A round of review as a task: the issue, the pull request's change so far, what was said of it, what is red."""

from __future__ import annotations

from environments.text import readable
from github_bot.config import BotConfig
from github_bot.events.refusal import may
from github_bot.events.request import Request
from github_bot.github.contract import Comment, FailedCheck, Reader
from github_bot.reading.visible import visible

MAX_REVIEW, MAX_DIFF, MAX_LOG = 8_000, 20_000, 4_000


def round_text(request: Request, issue: str, config: BotConfig, github: Reader) -> str:
    """Return what a round works on; ``issue``: its text.

    Of reviews those count that were written by somebody who may start the bot, since its last commit and before the
    request. Logs are output of strangers' code: they are shown as what they are.
    """
    number = request.pull_request
    assert number is not None
    diff = github.diff(request.repository, number)
    said = [
        comment for comment in github.reviews(request.repository, number) if _counts(comment, request, config, github)
    ]
    red = github.failed_checks(request.repository, request.commit)
    parts = [
        issue,
        "The tree already holds a first change for this issue. What was said of it, and what is red, is to be resolved "
        "now, and the issue must stay resolved.",
        f"The change so far:\n```diff\n{readable(diff)[:MAX_DIFF]}\n```" if diff else "",
        *(_review(comment) for comment in said),
        *([f"Review:\n{visible(request.text).text[:MAX_REVIEW]}"] if request.text and not said else []),
        *map(_check, red),
    ]
    return "\n\n".join(part for part in parts if part.strip())


def _counts(comment: Comment, request: Request, config: BotConfig, github: Reader) -> bool:
    if not comment.body.strip() or comment.author.is_bot or comment.created_at > request.at:
        return False
    if comment.updated_at > request.at or comment.state in ("approved", "dismissed"):
        return False
    return may(config, github, request.repository, comment.author.login)


def _review(comment: Comment) -> str:
    where = f" on {comment.path}" + (f", line {comment.line}" if comment.line else "") if comment.path else ""
    return f"Review{where}:\n{visible(comment.body).text[:MAX_REVIEW]}"


def _check(check: FailedCheck) -> str:
    log = readable(check.log_tail or check.summary)[-MAX_LOG:]
    return f"The check {readable(check.name)!r} fails. The end of what it wrote:\n```\n{log}\n```"
