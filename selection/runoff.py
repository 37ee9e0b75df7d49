"""The run-off: one last trajectory that writes tests to tell the finalists apart (CodeMonkeys' selection, section 5.3).

Unlike there, what was run outranks what the model says: a finalist that passes fewer of the run-off's reproducing
tests than another cannot win, and a model that is not known to judge well does not name winners at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.edits import EditError
from agent.models.profiles import ModelProfile
from agent.prompts import render
from agent.scaffolds.both_sides import clipped
from agent.scaffolds.conversation import Conversation, Sampling
from agent.scaffolds.structured_test import structured_grammar
from agent.scaffolds.test_forms import how_to_write_a_test, parse_test
from agent.trajectory.session import Session
from agent.trajectory.trajectory import Ending, Trajectory
from environments.workbench.outcome import GeneratedTest
from selection.contest import Contest
from selection.weighing import RunoffVerdict
from verifiers.ballot import Candidate
from verifiers.judges.diff_room import diff_room

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
    """As a judge the model has beaten chance."""

    @property
    def names(self) -> bool:
        """The model may name the winner, or call the finalists equal; else only its tests count."""
        return self.judge_worth or self.profile.names_winner


def run_off(session: Session, plan: RunoffPlan) -> tuple[Trajectory, RunoffVerdict | None]:
    """Hold the run-off. No verdict means that it told nothing apart: the shortlist's order stands."""
    conversation = Conversation(session, plan.sampling, structured_grammar() if plan.profile.grammar else None)
    runoff = _Runoff(session, plan, conversation, Contest(plan.finalists, plan.sampling.seed))
    ending = session.conclude(runoff.run)
    return concluded(session, runoff.contest, ending), runoff.contest.verdict()


def concluded(session: Session, contest: Contest, ending: Ending) -> Trajectory:
    """Return what a run-off's trajectory comes to."""
    test = contest.tests[-1] if contest.tests else None
    return Trajectory(id="runoff-0", kind="runoff", ending=ending, test=test, **session.totals())


@dataclass
class _Runoff:
    session: Session
    plan: RunoffPlan
    conversation: Conversation
    contest: Contest

    def run(self) -> Ending:
        """Take turns until the model names a winner, or the turns are used up."""
        plan, shown = self.plan, self.contest.shown
        forms = how_to_write_a_test(plan.profile.test_format, self.session.bench.facts)
        room = diff_room(plan.profile, least=_SHOWN_DIFF, changes=len(shown))
        finalists = [{"label": label, "diff": clipped(one.patch, room)} for label, one in shown]
        request = render("runoff_request", finalists=finalists, forms=forms)
        self.conversation.begin(f"{plan.situation}\n\n{request}")
        for _ in range(plan.sampling.turns):
            answer = self.conversation.ask(self._read)
            if answer is None:
                continue
            if plan.names and self.contest.tests and self.contest.names(answer):
                return Ending.SUBMITTED
            try:
                test = self._read(answer)
            except EditError as problem:
                self.conversation.object(answer, problem.message_for_model, forms)
                continue
            self.conversation.reply(answer, self._feedback(test, forms))
        return Ending.SUBMITTED if self.contest.told else Ending.TURN_LIMIT

    def _read(self, answer: str) -> GeneratedTest:
        source = re.sub(r"\A\s*TEST\b:?", "", answer)
        return parse_test(self.plan.profile.test_format, source, origin="runoff", facts=self.session.bench.facts)

    def _feedback(self, test: GeneratedTest, forms: str) -> str:
        runs = run_on_all(self.session, self.contest, test, _SHOWN_OUTPUT)
        return render("runoff_feedback", runs=runs, names=self.plan.names, forms=forms)


def run_on_all(session: Session, contest: Contest, test: GeneratedTest, room: int) -> list[dict[str, object]]:
    """Run a test on the base and on every finalist, count it, and return what came of it as a prompt shows it."""
    executions = session.run_on(test, [None, *(one.patch for _, one in contest.shown)])
    contest.count(test, [run.outcome for run in executions])
    labels = ["Unchanged code", *(f"Change {label}" for label, _ in contest.shown)]
    ended = list(zip(labels, executions, strict=True))
    session.tell(", ".join(f"{label.split()[-1]} {run.outcome}" for label, run in ended))
    return [
        {"tree": label, "outcome": run.outcome, "exit_code": run.exit_code, "output": clipped(run.output, room)}
        for label, run in ended
    ]
