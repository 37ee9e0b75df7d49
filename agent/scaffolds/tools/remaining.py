"""What is left of a trajectory's budget, told at the start and when it runs out."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from agent.prompts import render
from agent.trajectory.session import Session

_TOLD_AT = frozenset({1, 2, 3, 5, 10, 20, 50, 100})
"""Answers left at which it is told."""
_SHARES = (0.5, 0.25, 0.1)
"""Parts of the tokens, the money or the time left, below each of which it is told once."""
_LONG = 2 * 3600.0
"""Seconds: of a deadline that is further away nothing is said at the start."""


@dataclass
class Remaining:
    """Tells a model what it has left of its own budget and of what it shares with others of its task.

    What was told is on record: a limit may be another one in a later sitting.
    """

    session: Session
    turns: int
    _shares: list[float] = field(default_factory=lambda: list(_SHARES))
    _seconds: float = field(init=False)
    """That it had at the start."""

    def __post_init__(self) -> None:
        self._seconds = self.session.ledger.seconds_left()

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
        ledger = self.session.ledger
        shares = [share for _, share in filter(None, (ledger.left("tokens"), ledger.left("cost")))]
        left = min(
            [*shares, *([ledger.seconds_left() / self._seconds] if 0 < self._seconds < inf else [])], default=1.0
        )
        passed = any(left < share for share in self._shares)
        self._shares = [share for share in self._shares if left >= share]
        return passed

    def _words(self, turns: int, *, at_start: bool) -> str:
        ledger = self.session.ledger
        tokens, cost, seconds = ledger.left("tokens"), ledger.left("cost"), ledger.seconds_left()
        return render(
            "tools/remaining",
            at_start=at_start,
            turns=turns,
            tokens=int(tokens[0]) if tokens else None,
            cost=cost[0] if cost else None,
            minutes=max(1, round(seconds / 60)) if seconds < _LONG else None,
        )
