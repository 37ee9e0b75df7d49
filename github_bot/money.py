"""What a run may cost: the least of what the configuration, the issue's day, the repository's month and a person allow.

What was spent stands in the hidden lines of the bot's own comments, so that it is counted across runs without a place
of its own in anybody's repository, and is seen where it was spent. A run is entered with all that it may cost before it
begins, and with what it did cost when it ends: one that is killed counts whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from github_bot.config import BotConfig, Money
from github_bot.errors import Refused
from github_bot.events.request import Request
from github_bot.github.contract import Comment, Reader
from github_bot.marker import Run, marker_of

LEAST = 0.05
"""US dollars: with less nothing is begun."""


def granted(request: Request, config: BotConfig, github: Reader, now: datetime) -> float:
    """Return how many dollars a run may cost; Refused, naming the limit that is used up."""
    today, money = now.astimezone(UTC).date(), config.budget
    first = datetime(today.year, today.month, 1, tzinfo=UTC)
    here = runs_of(github.comments(request.repository, request.issue), github)
    everywhere = runs_of(github.recent_comments(request.repository, first), github)
    left = {
        "budget.issue_day": money.issue_day - _spent(here, money, since=today),
        "budget.repository_month": money.repository_month - _spent(everywhere, money, since=first.date()),
    }
    for name, dollars in left.items():
        if dollars < LEAST:
            raise Refused(f"the budget is used up: {name} in .github/runoff.yml allows no more now")
    return round(min(money.run, request.budget or money.run, *left.values()), 2)


def runs_of(comments: Sequence[Comment], github: Reader) -> dict[str, Run]:
    """Return the runs that comments tell of, by id; only those of the bot's own account count."""
    me = github.me().login
    own = (marker_of(comment.body) for comment in comments if comment.author.login == me)
    return {name: run for marker in own if marker for name, run in marker.runs.items()}


def _spent(runs: dict[str, Run], money: Money, *, since: date) -> float:
    """Add up what was spent since a day; a run whose price is unknown counts as all that one may cost."""
    costs = (run.cost for run in runs.values() if date.fromisoformat(run.at) >= since)
    return sum(money.run if cost is None else cost for cost in costs)
