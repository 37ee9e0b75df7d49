"""Before anything is spent: may it be done, what may it cost, and the comment that says so.

Runs where phase two does, with its token: phase one can post nothing. A token that cannot post fails here, not after
the money is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from github_bot.artifact import branch_of
from github_bot.config import BotConfig
from github_bot.errors import Refused
from github_bot.events.refusal import HOST, allowed
from github_bot.events.request import Request
from github_bot.github.contract import Reader, Writer
from github_bot.marker import Run, unmarked
from github_bot.money import granted, runs_of
from github_bot.publish.one_comment import own_comments, say
from github_bot.reading.others import others_fixing, others_said
from github_bot.wording.comments import help_comment, refused_comment, started_comment

WORKING = ("solve", "retry", "revise")
"""Verbs that cost money."""


@dataclass(frozen=True)
class Start:
    """What may be done."""

    request: Request
    """With what GitHub alone knows filled in."""
    budget: float
    """US dollars."""

    @property
    def works(self) -> bool:
        """Tell whether phase one has anything to do."""
        return self.request.verb in (*WORKING, "explain")


def begin(
    request: Request, config: BotConfig, github: Writer, *, now: datetime, host: str = HOST, where: str = ""
) -> Start:
    """Return what may be done, and say on the issue that it begins; Refused, and said there, where it may not.

    ``where``: the address of the workflow's run, for people who want to watch or cancel it.
    """
    request = allowed(request, config, github, host)  # said nowhere: a stranger could make the bot talk
    at = request.repository, request.issue
    if request.verb == "help":
        said = next((unmarked(one.body) for one in own_comments(github, *at)), "")
        say(github, *at, help_comment(request.hint, said))
    if request.verb not in WORKING:
        return Start(request, 0.0)
    runs = runs_of(github.comments(*at), github)
    known = runs.get(request.id)
    if known is not None and known.ended:
        raise Refused(f"{request.id} was answered before: GitHub delivered the event again")
    if known is not None:
        return Start(request, known.cost or 0.0)  # it was cut off after this: it goes on with what it was granted
    try:
        _again(request, config, runs, github)
        budget = granted(request, config, github, now)
    except Refused as refused:
        say(github, *at, refused_comment(str(refused)))
        raise
    others = others_said(others_fixing(request.issue, request.repository, github)) if request.verb != "revise" else ""
    text = "\n\n".join(filter(None, (started_comment(request, config, budget, where).rstrip(), others)))
    say(
        github,
        *at,
        text,
        run_id=request.id,
        run=Run(at=now.astimezone(UTC).date().isoformat(), cost=budget, ended=False),
    )
    return Start(request, budget)


def _again(request: Request, config: BotConfig, runs: dict[str, Run], github: Reader) -> None:
    """Refuse what was done already, or often enough."""
    if request.verb == "revise":
        rounds = sum(name.startswith("review-") for name in runs)
        if request.kind == "checks" and any(name.startswith("checks-") for name in runs):
            raise Refused("red checks were looked at once already: a review starts another round")
        if request.kind != "checks" and rounds >= config.rounds:
            raise Refused(f"the {config.rounds} rounds of review that .github/runoff.yml allows are used up")
        return
    own = github.pull_requests(request.repository, head=branch_of(request.issue))
    if own:
        raise Refused(f"pull request #{own[0].number} is open for this issue: review it there, or close it first")
