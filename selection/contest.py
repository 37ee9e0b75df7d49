"""The score of a run-off: what its tests showed of each finalist, what the model said, and the verdict from both.

What was run outranks what was said: a finalist that passes fewer of the run-off's reproducing tests than another
cannot win.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from environments.text import one_line
from environments.workbench.outcome import GeneratedTest, Outcome
from selection.weighing import RunoffVerdict
from verifiers.ballot import Candidate

LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
EQUAL, NONE = "EQUAL", "NONE"
"""What may be said in place of a label: nothing that the issue settles tells them apart; none deserves to win."""
_SAID = re.compile(rf"\s*[*`]*(?:WINNER\W+([A-Z])\b|({EQUAL}|{NONE})\b)")


@dataclass
class Contest:
    """One run-off's score."""

    finalists: Sequence[Candidate]
    """Best first by the rule that made the shortlist."""
    seed: int
    tests: list[GeneratedTest] = field(default_factory=list)
    points: dict[str, int] = field(default_factory=dict)
    """Candidate id -> reproducing run-off tests that it passes."""
    told: int = 0
    """Tests that reproduce the issue."""
    shows: GeneratedTest | None = None
    """The last of them; others are no evidence."""
    said: str = ""
    """What the model named: a candidate's id, ``EQUAL`` or ``NONE``; empty: nothing."""
    why: str = ""
    """Its reason, in its own words."""

    def __post_init__(self) -> None:
        self.points = {finalist.id: 0 for finalist in self.finalists}

    @cached_property
    def shown(self) -> list[tuple[str, Candidate]]:
        """The finalists under letters, in an order drawn by seed, so that no place is favoured."""
        order = list(self.finalists)
        random.Random(self.seed).shuffle(order)
        return list(zip(LABELS, order, strict=False))

    def count(self, test: GeneratedTest, outcomes: Sequence[Outcome]) -> None:
        """Take a test's outcomes: on the base, then on the finalists as shown; the same test counts once."""
        if test in self.tests:
            return
        self.tests.append(test)
        if outcomes[0] != Outcome.FAIL:
            return
        self.told += 1
        self.shows = test
        for (_, finalist), outcome in zip(self.shown, outcomes[1:], strict=True):
            self.points[finalist.id] += outcome == Outcome.PASS

    def names(self, answer: str, *, equal: bool = True) -> bool:
        """Read an answer as a word on the winner; return whether it is one. ``equal``: that is an answer too."""
        found = _SAID.match(answer)
        if not found or (found[2] == EQUAL and not equal):
            return False
        return self.name(found[1] or found[2])

    def name(self, word: str) -> bool:
        """Take the model's word: a label, ``EQUAL`` or ``NONE``; return whether it is any of them."""
        by_label = {label: one.id for label, one in self.shown}
        if word not in by_label and word not in (EQUAL, NONE):
            return False
        self.said = by_label.get(word, word)
        return True

    def verdict(self) -> RunoffVerdict | None:
        """Weigh what was run, then what was said. None: nothing told them apart, and the shortlist's order stands."""
        most = max(self.points.values(), default=0)
        leaders = [one.id for one in self.finalists if self.points[one.id] == most]
        alone = bool(self.told) and len(leaders) == 1
        if self.said == NONE:
            return RunoffVerdict(winner=None, reason=f"the model named none{self._because}; {self.score()}")
        if self.said in leaders:
            reason = f"named by the model{self._because}; {self.score()}"
            return RunoffVerdict(winner=self.said, reason=reason, told_apart=alone)
        if self.told and len(leaders) < len(self.finalists):
            overruled = {
                "": "",
                EQUAL: "; the model called them equal, which these tests do not",
            }.get(self.said, "; the model named another, which passes fewer")
            return RunoffVerdict(winner=leaders[0], reason=f"{self.score()}{overruled}", told_apart=alone)
        if self.said == EQUAL:
            reason = f"no difference that the issue settles, said the model{self._because}; {self.score()}"
            return RunoffVerdict(winner=self.finalists[0].id, reason=reason, equal=True)
        return None

    @property
    def _because(self) -> str:
        return f" ({one_line(self.why, 300)})" if self.why else ""

    def score_by_label(self) -> str:
        """Return what the tests showed so far, as the model that holds the run-off is told it."""
        points = ", ".join(f"{label} {self.points[one.id]}" for label, one in self.shown)
        return f"Of {self.told} tests of yours that fail on the unchanged code the changes pass: {points}."

    def score(self) -> str:
        """Return what the tests showed, in words."""
        points = ", ".join(f"{one.id[:8]} {self.points[one.id]}" for one in self.finalists)
        return f"run-off tests passed, of {self.told} that reproduce the issue: {points}"
