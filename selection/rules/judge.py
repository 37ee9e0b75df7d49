"""The rule that listens to an LLM judge's score alone."""

from __future__ import annotations

from selection.rules.evidence import descending, ef_judge, makers, mean_score
from selection.rules.ranking import Ranking, Rule, ranked
from verifiers.ballot import Ballot


def judge_rule(name: str) -> Rule:
    """Return the rule that ranks candidates by one judge's scores, the mean over a candidate's trajectories.

    A missing score ranks last.
    """

    def judge(ballot: Ballot) -> Ranking:
        return ranked(((descending(mean_score(made, name)),), candidate) for candidate, made in makers(ballot).items())

    return judge


def judge(ballot: Ballot) -> Ranking:
    """Rank candidates by one judge: the best that has earned a say, else the one of EF, else the first that scored."""
    scored = dict.fromkeys(name for entry in ballot.entries for name, said in entry.scores.items() if said is not None)
    return judge_rule(next((name for name in (*ballot.earned, ef_judge(ballot), *scored) if name in scored), ""))(
        ballot
    )
