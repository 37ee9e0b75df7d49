"""A test trajectory of many samples: short structured tests drawn several at once, each run on the unchanged code.

What passes there says how the code behaves now. Where the model's own claims all pass, that is turned round: it is told
so, and asked what the issue wants instead (as AssertFlip does, arXiv 2507.17542, there with whole test files). A test
that fails without any of the repository's functions running is kept for want of a better one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from agent.context.packing import definition
from agent.edits import EditError
from agent.models.contract import Message, Request
from agent.models.profiles import Capability
from agent.prompts import render
from agent.scaffolds.sampling.answer import likelihood, tokens_of
from agent.scaffolds.sampling.issue import brief
from agent.scaffolds.sampling.reach import executes_code
from agent.scaffolds.sampling.sieve import Counts
from agent.scaffolds.scaffold import Plan
from agent.scaffolds.structured_test import structured_grammar
from agent.scaffolds.test_forms import how_to_write_a_test, parse_test
from agent.trajectory.session import Session
from agent.trajectory.trajectory import Ending, Trajectory
from environments.workbench.outcome import GeneratedTest, Outcome

_SHOWN_CHARACTERS = 2400
"""Of definitions in a prompt: reading is what costs."""
_TOKENS = 160
_WARM = 0.8


class DrawnTests:
    """The scaffold ``sampled-tests``; it makes do with any chat model."""

    kind: Literal["test"] = "test"
    needs: frozenset[Capability] = frozenset()
    turns = 4

    def run(self, session: Session, plan: Plan, *, index: int) -> Trajectory:
        """Run one test trajectory: its final test, and whether the harness saw it fail on the base."""
        drawing = _Drawing(session, plan, index)
        ending = session.conclude(drawing.run)
        return Trajectory(
            id=f"test-{index}",
            kind="test",
            ending=ending,
            test=drawing.test,
            reproduces=drawing.reproduces,
            sampled={form: vars(counts) for form, counts in drawing.counts.items()},
            **session.totals(),
        )


@dataclass
class _Drawing:
    session: Session
    plan: Plan
    index: int
    test: GeneratedTest | None = None
    reproduces: bool = False
    passing: GeneratedTest | None = None
    """The first that passes on the unchanged code, and has not been turned round."""
    counts: dict[str, Counts] = field(default_factory=dict)
    """Of tests that were ``drawn``, and of those that are a passing one ``turned`` round; failing ones survive."""
    _outcomes: dict[str, Outcome] = field(default_factory=dict)
    _made: Counter[str] = field(default_factory=Counter)
    _likely: dict[str, float] = field(default_factory=dict)

    def run(self) -> Ending:
        """Draw until a test fails on the unchanged code and executes some of it; of several the one made most often."""
        turns = (
            1 if self.plan.known else self.plan.sampling.turns
        )  # the issue's own example shows it: one more is a bonus
        for turn in range(turns):
            turned, self.passing = self.passing, None
            counts = self.counts.setdefault("turned" if turned else "drawn", Counts())
            tests = self._draw(turn, turned, counts)
            failing = self._failing(tests)
            counts.distinct += len(tests)
            counts.surviving += len(failing)
            showing = [test for test in failing if executes_code(self.session, test)]
            told = ", and execute nothing of the repository" if failing and not showing else ""
            self.session.tell(f"{len(tests)} tests, {len(failing)} fail on the base{told}")
            if showing or (failing and not self.reproduces):
                self.test = max(showing or failing, key=self._merit)
                self.reproduces = True
            if showing:
                return Ending.SUBMITTED
            self.test = self.test if self.reproduces or not tests else tests[0]
        if self.reproduces:
            return Ending.SUBMITTED
        return Ending.TURN_LIMIT if self._outcomes else Ending.FORMAT_ERRORS

    def _merit(self, test: GeneratedTest) -> tuple[int, float]:
        return self._made[test.id], self._likely.get(test.id, -math.inf)

    def _draw(self, turn: int, turned: GeneratedTest | None, counts: Counts) -> list[GeneratedTest]:
        """Ask for tests, several at once; return those that can be read, each once."""
        profile, sampling = self.plan.forms.profile, self.plan.sampling
        forms = how_to_write_a_test("structured", self.plan.forms.facts)
        prompt = render(
            "sampling/test",
            code=self._code(),
            issue=brief(self.plan.issue),
            turned=turned.source if turned else "",
            directive=self.plan.directive,
            forms=forms,
        )
        request = Request(
            (Message(role="system", content=render("sampling/test_system")), Message(role="user", content=prompt)),
            n=min(4, profile.parallel_slots),
            temperature=sampling.at_least(_WARM),
            max_tokens=profile.room(_TOKENS),
            grammar=structured_grammar() if profile.grammar else None,
            logprobs=1 if profile.logprobs else 0,
            seed=sampling.seed + 100 * turn,
        )
        found: dict[str, GeneratedTest] = {}
        for choice in self.session.ask(request).choices:
            counts.samples += 1
            counts.tokens += tokens_of(choice)
            try:
                test = parse_test(
                    "structured", choice.content, origin=f"test:{self.index}", facts=self.plan.forms.facts
                )
            except EditError as problem:
                self.session.tell(f"answer refused: {problem.message_for_model.splitlines()[0][:80]}")
                continue
            counts.parsed += 1
            found[test.id] = test
            self._made[test.id] += 1
            likely = likelihood(choice)
            if likely is not None:
                self._likely[test.id] = max(likely, self._likely.get(test.id, likely))
        return list(found.values())

    def _failing(self, tests: Sequence[GeneratedTest]) -> list[GeneratedTest]:
        failing = []
        for test in tests:
            if test.id not in self._outcomes:
                self._outcomes[test.id] = self.session.run(test).outcome
            if self._outcomes[test.id] == Outcome.FAIL:
                failing.append(test)
            elif self._outcomes[test.id] == Outcome.PASS and self.passing is None:
                self.passing = test
        return failing

    def _code(self) -> str:
        """Return the first definitions of the context, as many as a short prompt has room for."""
        shown: list[str] = []
        for symbol in self.plan.forms.context.symbols:
            text = definition(symbol)
            if shown and sum(map(len, shown)) + len(text) > _SHOWN_CHARACTERS:
                break
            shown.append(text[:_SHOWN_CHARACTERS])
        return "\n".join(shown)
