"""The run-off: one last trajectory that writes tests to tell the finalists apart (CodeMonkeys' selection, section 5.3).

Unlike there, what was run outranks what the model says: a finalist that passes fewer of the run-off's reproducing
tests than another cannot win, and a model that is not known to judge well does not name winners at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.edits import EditError
from agent.prompts import render
from agent.scaffolds.both_sides import clipped
from agent.scaffolds.conversation import Conversation
from agent.scaffolds.structured_test import structured_grammar
from agent.scaffolds.test_forms import how_to_write_a_test, parse_test
from agent.trajectory.session import Session
from agent.trajectory.trajectory import Ending, Trajectory
from environments.workbench.outcome import GeneratedTest
from selection.contest import Contest
from selection.finalist_runs import run_on_all
from selection.runoff_in_trees import RunoffInTrees
from selection.runoff_plan import RunoffPlan, usual_turns
from selection.weighing import RunoffVerdict
from verifiers.judges.diff_room import diff_room

_SHOWN_DIFF = 3000
_SHOWN_OUTPUT = 600


def run_off(session: Session, plan: RunoffPlan) -> tuple[Trajectory, RunoffVerdict | None]:
    """Hold the run-off. No verdict means that it told nothing apart: the shortlist's order stands."""
    contest = Contest(plan.finalists, plan.sampling.seed)
    if plan.in_trees:
        ending = session.conclude(RunoffInTrees(session, plan, contest).run)
    else:
        conversation = Conversation(session, plan.sampling, structured_grammar() if plan.profile.grammar else None)
        ending = session.conclude(_Runoff(session, plan, conversation, contest).run)
    trajectory = Trajectory(id="runoff-0", kind="runoff", ending=ending, test=contest.shows, **session.totals())
    return trajectory, contest.verdict()


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
        request = render("runoff/request", finalists=finalists, forms=forms)
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
        return render("runoff/feedback", runs=runs, names=self.plan.names, forms=forms)


__all__ = ["RunoffPlan", "run_off", "usual_turns"]
