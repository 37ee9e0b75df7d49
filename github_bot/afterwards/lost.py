"""A first phase that ended without a word: its job was cancelled, or the machine is gone."""

from __future__ import annotations

from github_bot.artifact import Spending
from github_bot.events.request import Request
from github_bot.github.contract import Writer
from github_bot.publish.one_comment import say
from github_bot.wording.comments import failed_comment

_ENDED = "The job that works ended without a result: see its log."


def tell_lost(request: Request, github: Writer, why: str = _ENDED) -> None:
    """Say on the issue that there is no answer, and why; what the run may have cost stays counted whole."""
    text = failed_comment("infrastructure", why, Spending())
    say(github, request.repository, request.issue, text)
