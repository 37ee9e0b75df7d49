"""Every rule but the baseline ``random`` ranks what is suspicious below whatever is not."""

from __future__ import annotations

from dataclasses import dataclass

from selection.rules.ranking import Ranking, Rule
from verifiers.ballot import Ballot


@dataclass(frozen=True)
class CleanFirst:
    """A rule with suspicious candidates behind all others, in its own order among themselves.

    No function made by a decorator: tasks are shared out among processes with their rule.
    """

    rule: Rule

    def __call__(self, ballot: Ballot) -> Ranking:
        """Return the order."""
        suspicious = {candidate.id for candidate in ballot.candidates if candidate.suspicious}
        order = self.rule(ballot)
        if not suspicious:
            return order
        clean = [tuple(one for one in group if one not in suspicious) for group in order]
        last = [tuple(one for one in group if one in suspicious) for group in order]
        return tuple(group for group in (*clean, *last) if group)
