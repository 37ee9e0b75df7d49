"""What is left of a trajectory's budget, told at the start and when it runs out."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.prompts import render
from agent.trajectory.session import Session

_TOLD_AT = frozenset({1, 2, 3, 5, 10, 20, 50, 100})
"""Answers left at which it is told."""
_SHARES = (0.5, 0.25, 0.1)
"""Parts of the tokens or the money left, below each of which it is told once."""


@dataclass
class Remaining:
    """Tells a model what it has left. What was told is on record: a limit may be another one in a later sitting."""

    session: Session
    turns: int
    _shares: list[float] = field(default_factory=lambda: list(_SHARES))

    def at_start(self) -> str:
        """Return what it has in all."""
        return self._recorded(0, self._words(self.turns, at_start=True))

    def after(self, answers: int) -> str:
        """Return what is left after so many answers; empty where it is not the time to tell."""
        left = self.turns - answers
        due = left in _TOLD_AT or self._below_a_share()
        return self._recorded(answers, self._words(left, at_start=False) if due and left > 0 else "")

    def _recorded(self, answers: int, text: str) -> str:
        journal = self.session.journal
        if (not text or journal.replaying) and not journal.due("told"):
            return ""  # where nothing was told, nothing is on record
        answer, _ = journal.step("told", {"answers": answers}, lambda: {"text": text})
        return str(answer["text"])

    def _below_a_share(self) -> bool:
        limits, spent = self.session.ledger.limits, self.session.ledger.spent
        pairs = ((limits.tokens, spent.tokens), (limits.cost, spent.cost))
        left = min((1 - used / limit for limit, used in pairs if limit), default=1.0)
        passed = any(left < share for share in self._shares)
        self._shares = [share for share in self._shares if left >= share]
        return passed

    def _words(self, turns: int, *, at_start: bool) -> str:
        limits, spent = self.session.ledger.limits, self.session.ledger.spent
        return render(
            "tools/remaining",
            at_start=at_start,
            turns=turns,
            tokens=None if limits.tokens is None else max(0, limits.tokens - spent.tokens),
            cost=None if limits.cost is None else max(0.0, limits.cost - spent.cost),
        )
