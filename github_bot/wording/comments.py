"""The bot's one comment on an issue, from "working" to each of its ends."""

from __future__ import annotations

from typing import Literal

from github_bot.artifact import Evidence, Spending
from github_bot.config import BotConfig
from github_bot.events.request import Request
from github_bot.wording.figures import dollars, shown, spent
from github_bot.wording.inert import code_block, inert_text
from github_bot.wording.templates import rendered
from selection.decision import Confidence

Failure = Literal[
    "infrastructure", "configuration", "environment", "already", "model", "budget", "time", "stopped", "forbidden"
]
SENTENCES: dict[Failure, tuple[str, str]] = {
    "infrastructure": (
        "Runoff could not work: the machine or a service failed.",
        "This says nothing about the issue. `/runoff retry` tries again.",
    ),
    "configuration": (
        "Runoff could not work: it is not set up for that.",
        "Correct the key, `.github/runoff.yml` or the workflow's variables, then `/runoff retry`.",
    ),
    "environment": (
        "Runoff could not work: the project cannot be run in its sandbox.",
        "`runoff fix PATH --issue FILE --dry-run` on a checkout shows what it takes for the project's environment.",
    ),
    "model": (
        "Runoff could not work: the model did not answer.",
        "Check the key, the name of the model and its limits, then `/runoff retry`.",
    ),
    "budget": (
        "Runoff stopped: the money for this run is used up.",
        "`/runoff retry $N` gives it another run; `budget` in `.github/runoff.yml` sets the limits.",
    ),
    "time": (
        "Runoff stopped: the time for this run is over.",
        "`minutes` in `.github/runoff.yml` gives it more; `/runoff retry` tries again.",
    ),
    "stopped": ("Runoff was stopped.", "`/runoff retry` starts anew."),
    "already": (
        "Runoff did not work on this: the issue's example does already what the issue asks for.",
        "Say in a comment what should happen and does not, then `/runoff retry`.",
    ),
    "forbidden": (
        "Runoff has a patch that it may not hand over.",
        "`max_files` and `never` in `.github/runoff.yml` say what a patch may change, beside what none ever may.",
    ),
}
"""What each end that is no answer is called, and what to do."""
_HELP, _AFTER_HELP = "**Runoff was asked by a command.**", "\n\n---\n\n"


def started_comment(request: Request, config: BotConfig, budget: float, where: str) -> str:
    """Return what the comment says at first."""
    asked = f"Asked for by `{request.actor.login}`." if request.kind != "checks" else "The checks are red."
    over = request.budget is not None and request.budget > budget
    notes = [f"{dollars(request.budget or 0)} were asked for; the configuration allows less"] if over else []
    return rendered("started", asked=asked, budget=dollars(budget), minutes=config.minutes, where=where, notes=notes)


def refused_comment(why: str) -> str:
    """Return what it says where nothing was begun."""
    return rendered("refused", why=inert_text(why, 500))


def help_comment(why: str, before: str) -> str:
    """Return what may be written behind ``/runoff``, on top of what the comment said ``before``.

    ``why``: what is wrong with what was written; empty: somebody asked.
    """
    kept = before.partition(_AFTER_HELP)[2] if before.startswith(_HELP) else before
    said = rendered("help", opens=_HELP, why=inert_text(why, 300))
    return said + (f"{_AFTER_HELP}{kept}" if kept else "")


def question_comment() -> str:
    """Return the one question about an issue that is too vague."""
    return rendered("question")


def patch_comment(evidence: Evidence, spending: Spending, confidence: Confidence, threshold: str, patch: str) -> str:
    """Return what it says of a patch that is not certain enough for a pull request, the patch folded away."""
    block = code_block(patch, "diff", limit=30_000)
    values = {**shown(evidence, spending), "confidence": confidence, "threshold": threshold, "patch": block}
    return rendered("patch_in_comment", **values)


def pull_request_comment(evidence: Evidence, spending: Spending, confidence: Confidence) -> str:
    """Return what it says beside a pull request, whose number phase two adds."""
    return rendered("pull_request_made", **shown(evidence, spending), confidence=confidence)


def abstained_comment(evidence: Evidence, spending: Spending, *, had_patch: bool, test: str = "") -> str:
    """Return what it says where Runoff stands by nothing; ``test``: one that shows the issue, if there is one."""
    block = code_block(test, "python", limit=10_000) if test else ""
    return rendered("abstained", **shown(evidence, spending), had_patch=had_patch, test=block)


def failed_comment(failure: Failure, reason: str, spending: Spending) -> str:
    """Return what it says where the work came to no end of its own."""
    sentence, advice = SENTENCES[failure]
    values = {"sentence": sentence, "advice": advice, "reason": inert_text(reason, 500), "took": spent(spending)}
    return rendered("failed", **values)


def explained_comment(lines: list[str]) -> str:
    """Return the account of the last run, a line each."""
    return rendered("explained", lines=[inert_text(line, 1500) for line in lines])
