"""An editing trajectory: edit, see the test on both sides, edit again (CodeMonkeys, arXiv 2501.14723, section 4.2).

Unlike there, the harness decides what is verified, the repository's own tests take part in the feedback, and a
model that repeats itself gets another prompt, not the same one with more appended.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from agent.edits import Edit, EditError, NoChange
from agent.models.profiles import Capability
from agent.patch import make_patch
from agent.prompts import render
from agent.scaffolds.both_sides import BothSides, clipped
from agent.scaffolds.conversation import Conversation
from agent.scaffolds.replies import Done, Reply
from agent.scaffolds.scaffold import Plan
from agent.trajectory.session import Session
from agent.trajectory.trajectory import Ending, Trajectory
from environments.workbench.outcome import GeneratedTest, Outcome

MOST_FORMAT_ERRORS = 3
"""Answers in a row that cannot be read end a trajectory."""


class EditAndTest:
    """The scaffold ``edit-and-test``; it makes do with any chat model."""

    kind: Literal["edit"] = "edit"
    needs: frozenset[Capability] = frozenset()
    turns = 4

    def run(self, session: Session, plan: Plan, *, index: int) -> Trajectory:
        """Run one editing trajectory; see ``edit``."""
        return edit(session, plan, index=index)


def edit(session: Session, plan: Plan, *, index: int) -> Trajectory:
    """Run one editing trajectory to its end; whatever the ending, its best patch so far is in it."""
    conversation = Conversation(session, plan.sampling, plan.forms.grammar)
    attempt = _Attempt(session, plan, conversation, index)
    return attempt.so_far(session.conclude(attempt.run))


@dataclass
class _Attempt:
    session: Session
    plan: Plan
    conversation: Conversation
    index: int
    evaluations: list[BothSides] = field(default_factory=list)
    test: GeneratedTest | None = None

    @property
    def best(self) -> BothSides | None:
        """The best evaluation so far; among equals the latest."""
        return max(reversed(self.evaluations), key=lambda one: one.merit, default=None)

    def so_far(self, ending: Ending) -> Trajectory:
        """Return what the trajectory comes to, with that ending."""
        best = self.best
        return Trajectory(
            id=f"edit-{self.index}",
            kind="edit",
            ending=ending,
            patch=best.patch if best else "",
            test=best.test if best else self.plan.test,
            verified=best.verified if best else False,
            reproduces=best.reproduces if best else False,
            **self.session.totals(),
        )

    def run(self) -> Ending:
        """Take turns until the edit is verified and clean, the model is done, or a limit is reached."""
        self.test = self.plan.test
        self.conversation.begin(self._opening())
        errors = 0
        for _ in range(self.plan.sampling.turns):
            answer = self.conversation.ask(self._read)
            if answer is None:
                continue
            try:
                reply = self._read(answer)
            except NoChange as problem:
                self._begin_afresh(unchanged=problem.where)
                continue
            except EditError as problem:
                errors += 1
                if errors == MOST_FORMAT_ERRORS:
                    return Ending.FORMAT_ERRORS
                self.conversation.object(answer, problem.message_for_model, self._forms())
                continue
            errors = 0
            if isinstance(reply, Done):
                return Ending.SUBMITTED
            if self._take(answer, reply):
                return Ending.SUBMITTED
        return Ending.TURN_LIMIT

    def _read(self, answer: str) -> Reply:
        return self.plan.forms.read(answer, origin=f"edit:{self.index}", first=not self.evaluations)

    def _opening(self) -> str:
        on_base = self.session.run(self.test) if self.test else None
        request = render(
            "edit_request",
            directive=self.plan.directive,
            test=self.test.source if self.test else "",
            exit_code=on_base.exit_code if on_base else "",
            output=clipped(on_base.output) if on_base else "",
            forms=self.plan.forms.edit_request(),
        )
        return f"{self.plan.situation}\n\n{request}"

    def _forms(self) -> str:
        return self.plan.forms.any_request() if self.evaluations else self.plan.forms.edit_request()

    def _take(self, answer: str, reply: Edit | GeneratedTest) -> bool:
        """Evaluate a new edit or test, tell the model, and return whether the trajectory has what it wants."""
        new_test = isinstance(reply, GeneratedTest)
        if isinstance(reply, GeneratedTest):
            self.test, patch = reply, self.evaluations[-1].patch
        else:
            patch = self._patch(reply)
        repeated = not new_test and any(one.patch == patch and one.test == self.test for one in self.evaluations)
        evaluation = self._evaluate(patch)
        self.evaluations.append(evaluation)
        self.session.made(self.so_far(Ending.STOPPED))
        self.session.tell(_summary(evaluation, repeated=repeated))
        if not evaluation.regressions and (evaluation.verified or (self.test is None and not self.plan.forms.actions)):
            return True
        if repeated:
            self._begin_afresh()
        else:
            told = evaluation.told(new_test=new_test)
            self.conversation.reply(answer, f"{told}\n\n{self.plan.forms.any_request()}")
        return False

    def _evaluate(self, patch: str) -> BothSides:
        on_base = on_patch = None
        if self.test:
            on_base, on_patch = self.session.run_on(self.test, [None, patch])
        regressions = self.session.regressions(patch, self.plan.baseline) if self.plan.baseline else ()
        return BothSides(patch, self.test, on_base, on_patch, regressions)

    def _patch(self, change: Edit) -> str:
        before = {path: self.plan.forms.files.get(path) for path in change.files}
        return make_patch(before, change.files)

    def _begin_afresh(self, unchanged: str = "") -> None:
        """Begin again without the model's own words, naming what was tried: shown them, it would repeat them."""
        if unchanged:
            self.session.tell(f"{unchanged} given back unchanged")
        tried = {one.patch: one for one in self.evaluations}.values()
        attempts = [{"diff": one.patch, "why": one.shortcoming()} for one in tried]
        afresh = render("edit_afresh", attempts=attempts, unchanged=unchanged, forms=self.plan.forms.edit_request())
        self.conversation.begin(self._opening(), afresh)


def _summary(evaluation: BothSides, *, repeated: bool) -> str:
    if evaluation.regressions:
        text = f"edit breaks {len(evaluation.regressions)} tests"
    elif evaluation.on_patch is None:
        text = "edit keeps every test"
    elif evaluation.verified:
        text = "edit passes its test"
    else:
        passes = evaluation.on_patch.outcome == Outcome.PASS
        text = "edit passes a test that shows nothing" if passes else "edit fails its test"
    return f"repeated {text}" if repeated else text
