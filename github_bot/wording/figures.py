"""Figures and evidence in words, inert, as the templates take them."""

from __future__ import annotations

from environments.text import amount
from github_bot.artifact import Evidence, Spending
from github_bot.wording.inert import inert_text
from swebench_runs.figures.report.words import count, duration

_NOTHING = "not known"


def dollars(cost: float) -> str:
    """Write money."""
    return f"${cost:.2f}" if cost >= 0.005 or cost == 0 else "less than $0.01"


def spent(spending: Spending) -> str:
    """Write what a run took."""
    cost = "price unknown" if spending.cost is None else dollars(spending.cost)
    attempts = amount(spending.trajectories, "attempt")
    return f"{cost}, {count(spending.tokens)} tokens, {attempts}, {duration(spending.seconds)}"


def shown(evidence: Evidence, spending: Spending) -> dict[str, str | list[str]]:
    """Return what a template says of evidence and spending."""
    texts = {
        "before": evidence.reproduction_before,
        "after": evidence.reproduction_after,
        "regression": evidence.regression,
        "votes": evidence.votes,
        "tried": evidence.tried,
        "reason": evidence.reason,
    }
    return {
        **{name: inert_text(text, 500) or _NOTHING for name, text in texts.items()},
        "not_checked": [inert_text(note, 500) for note in evidence.not_checked],
        "took": spent(spending),
    }
