"""A sampling trajectory: many short answers about what the reproduction executes, each tried at once.

For weak and cheap models. One trajectory is a batch of samples: all its calls and runs stand on one record, and what
survives of it enters the pool with the number of samples that made it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from agent.models.contract import Completion, Request
from agent.models.profiles import Capability
from agent.scaffolds.edit_and_test import EditAndTest, edit
from agent.scaffolds.sampling.answer import Ask, Setting
from agent.scaffolds.sampling.issue import brief, last_words
from agent.scaffolds.sampling.place import Place, executed_of
from agent.scaffolds.sampling.places import places_of
from agent.scaffolds.sampling.schedule import formats_of, schedule
from agent.scaffolds.sampling.sieve import Sieve
from agent.scaffolds.scaffold import Plan
from agent.suspicion import suspicions
from agent.trajectory.session import Session
from agent.trajectory.trajectory import Ending, Sampled, Trajectory
from environments.workbench.outcome import GeneratedTest

ENOUGH_ALIKE = 3
"""Samples that make the same change, which passes all, are enough."""
ENOUGH_AFTER = 16
"""Calls after the first change that passes all, in which another one may show itself."""
MOST_SURVIVORS = 12
"""Changes of one trajectory that enter the pool."""
_WARM = 0.6
"""The least temperature at which a place is asked about again."""
_FAILURE_CHARACTERS = 400


class ManySamples:
    """The scaffold ``sampling``; it makes do with any chat model, and with fill-in-the-middle it is at its best."""

    kind: Literal["edit"] = "edit"
    needs: frozenset[Capability] = frozenset()
    turns = 120

    def run(self, session: Session, plan: Plan, *, index: int) -> Trajectory:
        """Run one sampling trajectory; where nothing reproduces, one of ``edit-and-test``."""
        batch = _Batch(session, plan, index)
        why = batch.look()
        if not why:
            return batch.so_far(session.conclude(batch.run))
        session.tell(f"edit-and-test instead of samples: {why}")
        turns = min(plan.sampling.turns, EditAndTest.turns)
        return edit(session, plan.with_turns(turns), index=index)


@dataclass
class _Batch:
    session: Session
    plan: Plan
    index: int
    places: list[Place] = field(default_factory=list)
    calls: int = 0
    _siblings: tuple[int, ...] = (0, 1)
    _first: int | None = None
    """The call that made the first change which passes all."""

    def __post_init__(self) -> None:
        self.sieve = Sieve(self.session, _tests(self.plan), self.plan.baseline)

    def look(self) -> str:
        """Find the places; return why there is nothing to sample, empty where there is. It is on record.

        A trajectory that goes on does so at the places that it began with.
        """
        found = places_of(self.plan.executed, self.plan.forms.files) if self.sieve.tests else []
        now = {"places": [place.told for place in found], "siblings": list(self.plan.siblings)}
        told, _ = self.session.journal.step("places", {}, lambda: now)
        self._siblings = tuple(told["siblings"])
        self.places = places_of(map(executed_of, told["places"]), self.plan.forms.files)
        if not self.sieve.tests:
            return "no test reproduces the issue"
        return "" if self.places else "nothing is known of what the reproduction executes"

    def run(self) -> Ending:
        """Ask place by place until enough agree, or all that may be spent is."""
        setting = setting_of(self.session, self.plan, self.sieve.tests[0], self._ask)
        formats = formats_of(self.plan.forms.profile)
        for place, format, again in schedule(self.places, formats, *self._siblings):
            for answers in format.answers(setting.again_at(again), place):
                if self.sieve.sift(answers):
                    self.session.made(self.so_far(Ending.STOPPED))
                self.session.tell(f"{self.sieve.total} in {place.symbol.last_name}")
                if self._enough():
                    return Ending.SUBMITTED
                if self.calls >= self.plan.sampling.turns:
                    return self._ended()
        return self._ended()

    def so_far(self, ending: Ending) -> Trajectory:
        """Return what the trajectory comes to, with that ending."""
        survivors = sorted(self.sieve.survivors.values(), key=lambda one: one.merit, reverse=True)[:MOST_SURVIVORS]
        best = survivors[0] if survivors else None
        return Trajectory(
            id=f"edit-{self.index}",
            kind="edit",
            ending=ending,
            patch=best.patch if best else "",
            test=self.plan.test,
            verified=best is not None and not suspicions(best.patch),
            reproduces=self.plan.test is not None,
            samples=tuple(
                Sampled(patch=one.patch, count=one.count, likelihood=one.likelihood, format=one.format)
                for one in survivors
            ),
            sampled={name: vars(counts) for name, counts in self.sieve.counts.items()},
            **self.session.totals(),
        )

    def _ended(self) -> Ending:
        return Ending.SUBMITTED if self.sieve.best else Ending.TURN_LIMIT

    def _enough(self) -> bool:
        best = self.sieve.best
        if best is None or best.regressions:
            return False
        self._first = self.calls if self._first is None else self._first
        return best.count >= ENOUGH_ALIKE or self.calls - self._first >= ENOUGH_AFTER

    def _ask(self, request: Request) -> Completion:
        self.calls += request.max_tokens > 1  # a look at one token is no turn: a place takes a hundred of them
        return self.session.ask(request)


def setting_of(session: Session, plan: Plan, test: GeneratedTest, ask: Ask) -> Setting:
    """Return what all formats are asked with."""
    failure = last_words(session.run(test).output, _FAILURE_CHARACTERS)
    return Setting(
        ask=ask,
        profile=plan.forms.profile,
        issue=brief(plan.issue),
        failure=f"Now it ends in:\n\n{failure}" if failure else "",
        temperature=plan.sampling.at_least(_WARM),
        seed=plan.sampling.seed,
    )


def _tests(plan: Plan) -> list[GeneratedTest]:
    """Return what a change must pass: the issue's own reproductions, else the one that the trajectory starts from."""
    own = [test for test in plan.known if test.origin.startswith(("issue", "given"))]
    return own or ([plan.test] if plan.test is not None else [])
