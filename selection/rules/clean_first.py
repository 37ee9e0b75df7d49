"""Every rule but the baseline ``random`` ranks what is suspicious below whatever is not."""

from __future__ import annotations

from functools import wraps

from selection.rules.ranking import Ranking, Rule
from verifiers.ballot import Ballot


def clean_first(rule: Rule) -> Rule:
    """Return the rule with suspicious candidates behind all others, in its own order among themselves."""

    @wraps(rule)
    def ranking(ballot: Ballot) -> Ranking:
        suspicious = {candidate.id for candidate in ballot.candidates if candidate.suspicious}
        order = rule(ballot)
        if not suspicious:
            return order
        clean = [tuple(one for one in group if one not in suspicious) for group in order]
        last = [tuple(one for one in group if one in suspicious) for group in order]
        return tuple(group for group in (*clean, *last) if group)

    return ranking
