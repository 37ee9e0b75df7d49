"""The rule that listens to an LLM judge's score alone."""

from __future__ import annotations

from selection.rules.evidence import descending, makers, mean_score
from selection.rules.ranking import Ranking, Rule, ranked
from verifiers.ballot import YES_NO, Ballot


def judge_rule(name: str) -> Rule:
    """Return the rule that ranks candidates by one judge's scores, the mean over a candidate's trajectories.

    A missing score ranks last.
    """

    def judge(ballot: Ballot) -> Ranking:
        return ranked(((descending(mean_score(made, name)),), candidate) for candidate, made in makers(ballot).items())

    return judge


judge = judge_rule(YES_NO)
"""Ranks candidates by a model's P(YES)."""
