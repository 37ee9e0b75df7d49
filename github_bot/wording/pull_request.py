"""The title and the description of a pull request."""

from __future__ import annotations

from github_bot.artifact import Evidence, Spending
from github_bot.wording.figures import shown
from github_bot.wording.inert import inert_text, inert_title
from github_bot.wording.templates import rendered, rendered_by
from selection.decision import Confidence


def pull_request_title(issue_title: str) -> str:
    """Return the title of the pull request for an issue."""
    return f"Fix: {inert_title(issue_title, 80) or 'an issue'}"


def pull_request_body(
    issue: int,
    change: str,
    evidence: Evidence,
    spending: Spending,
    confidence: Confidence,
    rounds_left: int,
    template: tuple[str, bytes] | None = None,
) -> str:
    """Return the description; ``change``: one line on the patch; ``template``: the repository's own, by its path."""
    values = {
        **shown(evidence, spending),
        "issue": issue,
        "change": inert_text(change, 500),
        "confidence": confidence,
        "rounds_left": rounds_left,
    }
    if template is None:
        return rendered("pull_request", **values)
    return rendered_by(template[1], template[0], **values)
