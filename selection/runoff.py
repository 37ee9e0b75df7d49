"""The run-off: one last trajectory that writes tests to tell the finalists apart (CodeMonkeys' selection, section 5.3).

Unlike there, what was run outranks what the model says: a finalist that passes fewer of the run-off's reproducing
tests than another cannot win, and a model that has not shown its worth as a judge does not name winners at all.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.edits import EditError
from agent.models.profiles import ModelProfile
from agent.prompts import render
from agent.scaffolds.both_sides import clipped
from agent.scaffolds.conversation import Conversation, Sampling
from agent.scaffolds.structured_test import structured_grammar
from agent.scaffolds.test_forms import how_to_write_a_test, parse_test
from agent.trajectory.session import Session
from agent.trajectory.trajectory import Ending, Trajectory
from environments.workbench.outcome import GeneratedTest, Outcome
from selection.weighing import RunoffVerdict
from verifiers.ballot import Candidate

_SHOWN_DIFF = 3000
_SHOWN_OUTPUT = 600


@dataclass(frozen=True)
class RunoffPlan:
    """The finalists and how the model is asked about them."""

    situation: str
    profile: ModelProfile
    sampling: Sampling
    finalists: Sequence[Candidate]
    """At least two, best first by the rule that made the shortlist."""
    judge_worth: bool
    """The model may name the winner; else only its tests count."""


def run_off(session: Session, plan: RunoffPlan) -> tuple[Trajectory, RunoffVerdict | None]:
    """Hold the run-off. No verdict means that it told nothing apart: the shortlist's order stands."""
    conversation = Conversation(session, plan.sampling, structured_grammar() if plan.profile.grammar else None)
    contest = _Contest(session, plan, conversation)
    ending = session.conclude(contest.run)
    trajectory = Trajectory(
        id="runoff-0",
        kind="runoff",
        ending=ending,
        test=contest.tests[-1] if contest.tests else None,
        **session.totals(),
    )
    return trajectory, contest.verdict()


@dataclass
class _Contest:
    session: Session
    plan: RunoffPlan
    conversation: Conversation
    tests: list[GeneratedTest] = field(default_factory=list)
    points: dict[str, int] = field(default_factory=dict)
    """Candidate id -> reproducing run-off tests that it passes."""
    told: int = 0
    """Tests that reproduce the issue."""
    named: str | None = None
    """What the model said: a candidate id, or the empty string for none of them."""

    @property
    def shown(self) -> list[tuple[str, Candidate]]:
        """The finalists under letters, in an order drawn by seed, so that no place is favoured."""
        order = list(self.plan.finalists)
        random.Random(self.plan.sampling.seed).shuffle(order)
        return list(zip("ABCDEFGH", order, strict=False))

    def run(self) -> Ending:
        """Take turns until the model names a winner, or the turns are used up."""
        self.points = {finalist.id: 0 for finalist in self.plan.finalists}
        forms = how_to_write_a_test(self.plan.profile.test_format, self.session.bench.facts)
        finalists = [{"label": label, "diff": clipped(one.patch, _SHOWN_DIFF)} for label, one in self.shown]
        request = render("runoff_request", finalists=finalists, forms=forms)
        self.conversation.begin(f"{self.plan.situation}\n\n{request}")
        for _ in range(self.plan.sampling.turns):
            answer = self.conversation.ask(self._read)
            if answer is None:
                continue
            if self.plan.judge_worth and self.tests and self._names(answer):
                return Ending.SUBMITTED
            try:
                test = self._read(answer)
            except EditError as problem:
                self.conversation.object(answer, problem.message_for_model, forms)
                continue
            self.conversation.reply(answer, self._feedback(test, forms))
        return Ending.SUBMITTED if self.told else Ending.TURN_LIMIT

    def _read(self, answer: str) -> GeneratedTest:
        source = re.sub(r"\A\s*TEST\b:?", "", answer)
        return parse_test(self.plan.profile.test_format, source, origin="runoff", facts=self.session.bench.facts)

    def verdict(self) -> RunoffVerdict | None:
        """Weigh what was run, then what was said."""
        most = max(self.points.values(), default=0)
        leaders = [one.id for one in self.plan.finalists if self.points.get(one.id) == most]
        if self.named == "":
            return RunoffVerdict(winner=None, reason=f"the model named none; {self._score()}")
        if self.named in leaders:
            return RunoffVerdict(winner=self.named, reason=f"named by the model; {self._score()}")
        if self.told and len(leaders) < len(self.plan.finalists):
            overruled = "; the model named another, which passes fewer" if self.named else ""
            return RunoffVerdict(winner=leaders[0], reason=f"{self._score()}{overruled}")
        return None

    def _feedback(self, test: GeneratedTest, forms: str) -> str:
        trees = [None, *(one.patch for _, one in self.shown)]
        executions = self.session.run_on(test, trees)
        if test not in self.tests:
            self._count(test, [run.outcome for run in executions])
        labels = ["Unchanged code", *(f"Change {label}" for label, _ in self.shown)]
        runs = [
            {
                "tree": label,
                "outcome": run.outcome,
                "exit_code": run.exit_code,
                "output": clipped(run.output, _SHOWN_OUTPUT),
            }
            for label, run in zip(labels, executions, strict=True)
        ]
        self.session.tell(
            ", ".join(f"{label.split()[-1]} {run.outcome}" for label, run in zip(labels, executions, strict=True))
        )
        return render("runoff_feedback", runs=runs, names=self.plan.judge_worth, forms=forms)

    def _count(self, test: GeneratedTest, outcomes: Sequence[Outcome]) -> None:
        self.tests.append(test)
        if outcomes[0] != Outcome.FAIL:
            return
        self.told += 1
        for (_, finalist), outcome in zip(self.shown, outcomes[1:], strict=True):
            self.points[finalist.id] += outcome == Outcome.PASS

    def _names(self, answer: str) -> bool:
        found = re.match(r"\s*(?:WINNER\W+([A-H])\b|(NONE)\b)", answer)
        letters = {label: one.id for label, one in self.shown}
        if not found or (found[1] and found[1] not in letters):
            return False
        self.named = letters[found[1]] if found[1] else ""
        return True

    def _score(self) -> str:
        points = ", ".join(f"{one.id[:8]} {self.points.get(one.id, 0)}" for one in self.plan.finalists)
        return f"run-off tests passed, of {self.told} that reproduce the issue: {points}"
