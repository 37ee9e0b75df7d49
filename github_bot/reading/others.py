"""Open pull requests of other people that say that they fix an issue: noticed and said, so that nobody works twice."""

from __future__ import annotations

import re

from github_bot.github.contract import Reader

_MOST = 5


def others_fixing(issue: int, repository: str, github: Reader) -> tuple[int, ...]:
    """Return the numbers of open pull requests, the bot's own not, that close an issue by GitHub's own keywords."""
    name = re.escape(repository)
    closes = re.compile(
        rf"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:#|{name}#|https?://[\w.:-]+/{name}/issues/){issue}\b",
        re.IGNORECASE,
    )
    me = github.me().login
    found = [
        pull.number for pull in github.pull_requests(repository) if pull.author.login != me and closes.search(pull.body)
    ]
    return tuple(found[:_MOST])


def others_said(numbers: tuple[int, ...]) -> str:
    """Return the sentence on such pull requests; empty for none."""
    named = ", ".join(f"#{number}" for number in numbers)
    return f"Open already, and said to fix this issue: {named}." if numbers else ""
