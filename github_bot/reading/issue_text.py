"""The issue as the bot works on it: title, body and chosen comments, as they were when somebody asked, bounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from environments.text import amount, one_line
from github_bot.config import BotConfig
from github_bot.events.command import command_of
from github_bot.events.refusal import may
from github_bot.events.request import Request
from github_bot.github.contract import Comment, Reader
from github_bot.reading.visible import Visible, visible

MAX_TITLE, MAX_BODY, MAX_COMMENT, MAX_COMMENTS = 300, 40_000, 4_000, 20
MAX_COMMENTERS = 10
"""Whose permission is asked, at most: each is a call."""


@dataclass(frozen=True)
class IssueText:
    """What a run gets to read."""

    title: str
    text: str
    """Title, body and comments."""
    notes: tuple[str, ...] = ()
    """What was left out, in words for the bot's comment."""


def issue_text(request: Request, config: BotConfig, github: Reader) -> IssueText:
    """Return what a run reads of an issue.

    Title and body are the event's own. Of the comments those count that were written before it, not changed since, by
    the issue's author or somebody who may start the bot; commands and bots' comments do not.
    """
    title = one_line(visible(request.title).text, MAX_TITLE)
    body = visible(request.body)
    shown = [(body, MAX_BODY)]
    comments, refused = _chosen(request, config, github)
    shown += [(visible(comment.body), MAX_COMMENT) for comment in comments]
    parts = [title, _cut(body.text, MAX_BODY)]
    for comment, (seen, most) in zip(comments, shown[1:], strict=True):
        parts.append(f"Comment by {comment.author.login}:\n{_cut(seen.text, most)}")
    if request.hint:
        parts.append(f"Hint by {request.actor.login}, who maintains the repository:\n{visible(request.hint).text}")
    return IssueText(title, "\n\n".join(part for part in parts if part.strip()), tuple(_notes(shown, refused)))


def _chosen(request: Request, config: BotConfig, github: Reader) -> tuple[list[Comment], int]:
    """Return the comments that count, and how many were refused since they were changed after the request."""
    number = request.issue
    before = [
        comment
        for comment in github.comments(request.repository, number)
        if comment.created_at < request.at
        and not comment.author.is_bot
        and comment.id != request.comment
        and command_of(comment.body) is None
    ]
    edited = [comment for comment in before if comment.updated_at > request.at]
    kept: list[Comment] = []
    rights: dict[str, bool] = {request.author.lower(): True}
    for comment in reversed(before):
        if comment in edited or len(kept) == MAX_COMMENTS:
            continue
        login = comment.author.login.lower()
        if login not in rights:
            rights[login] = len(rights) <= MAX_COMMENTERS and may(config, github, request.repository, login)
        if rights[login]:
            kept.append(comment)
    return kept[::-1], len(edited)


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    head, tail = most * 3 // 4, most // 4
    return f"{text[:head]}\n[{len(text) - most:,} characters left out]\n{text[-tail:]}"


def _notes(shown: Sequence[tuple[Visible, int]], refused: int) -> list[str]:
    images = sum(seen.images for seen, _ in shown)
    cut = sum(len(seen.text) > most for seen, most in shown)
    return [
        *([f"{amount(images, 'image')} left out: the bot reads text alone"] if images else []),
        *([f"{amount(cut, 'text')} shortened in the middle"] if cut else []),
        *([f"{amount(refused, 'comment')} left out, changed after the bot was asked"] if refused else []),
    ]
