"""An editing trajectory: edit, see the test on both sides, edit again (CodeMonkeys, arXiv 2501.14723, section 4.2).

Unlike there, the harness decides what is verified, the repository's own tests take part in the feedback, and a
model that repeats itself gets another prompt, not the same one with more appended.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from agent.edits import Change, Edit, EditError, NoChange
from agent.models.profiles import Capability
from agent.patch import make_patch
from agent.prompts import render
from agent.scaffolds.both_sides import BothSides, clipped
from agent.scaffolds.conversation import Conversation, unread
from agent.scaffolds.last_look import LastLook
from agent.scaffolds.replies import Done, Reply
from agent.scaffolds.rooms import rooms_of
from agent.scaffolds.scaffold import Plan
from agent.trajectory.budgeted_model import BudgetExceeded
from agent.trajectory.session import Session
from agent.trajectory.trajectory import Ending, Trajectory
from environments.text import amount
from environments.workbench.outcome import GeneratedTest, Outcome

MOST_FORMAT_ERRORS = 3
"""Answers in a row that cannot be read end a trajectory."""
FREE_REFUSALS = 2
"""Answers in a row that cannot be read and are no turns, of a model that is not held to a grammar."""


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
    strict = not plan.forms.actions or plan.forms.profile.edit_format == "symbol"
    conversation = Conversation(session, plan.sampling, plan.forms.grammar, strict=strict)
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
    displaced: list[GeneratedTest] = field(default_factory=list)
    """Tests that failed on a patch of this trajectory, and that it replaced then."""
    kept: tuple[Change, ...] = ()
    """What fitted of an answer that was refused."""

    def __post_init__(self) -> None:
        self.rooms = rooms_of(self.plan.forms.profile)
        self.last_look = LastLook(self.session, self.plan, self.rooms)

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
        errors = turns = 0
        while turns < self.plan.sampling.turns:
            turns += 1
            try:
                answer = self.conversation.ask(self._read)
            except BudgetExceeded:
                if self.last_look.asked:
                    break  # it only had to stand by what is verified
                raise
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
                    self.session.unread = unread(problem.message_for_model)
                    return self._ended(Ending.FORMAT_ERRORS)
                turns -= self._refuse(answer, problem, free=errors <= FREE_REFUSALS)
                continue
            errors, self.kept = 0, ()
            if self._submits(answer, reply, more=turns < self.plan.sampling.turns):
                return Ending.SUBMITTED
        return self._ended(Ending.TURN_LIMIT)

    def _ended(self, ending: Ending) -> Ending:
        """Return the ending: a trajectory that was only asked whether it stands by its edit has submitted it."""
        return Ending.SUBMITTED if self.last_look.asked else ending

    def _read(self, answer: str) -> Reply:
        return self.plan.forms.read(answer, origin=f"edit:{self.index}", first=not self.evaluations, kept=self.kept)

    def _refuse(self, answer: str, problem: EditError, *, free: bool) -> bool:
        """Tell the model why its answer cannot be used; return whether that was no turn."""
        self.kept = problem.kept
        self.conversation.object(answer, problem.message_for_model, self._forms())
        free = free and self.plan.forms.actions and self.plan.sampling.turns > 1  # a single call is one call
        self.conversation.free += free
        return free

    def _opening(self) -> str:
        on_base = self.session.run(self.test) if self.test else None
        told = self.test if self.test and self.test.kind != "existing" else None  # the issue quotes one that exists
        request = render(
            "edit/request",
            directive=self.plan.directive,
            test=told.source if told else "",
            exit_code=on_base.exit_code if on_base else "",
            output=clipped(on_base.output, self.rooms.output) if on_base else "",
            forms=self.plan.forms.edit_request(),
        )
        return f"{self.plan.situation}\n\n{request}"

    def _forms(self) -> str:
        return self.plan.forms.any_request() if self.evaluations else self.plan.forms.edit_request()

    def _submits(self, answer: str, reply: Reply, *, more: bool) -> bool:
        """Act on an answer and tell the model what came of it; return whether the trajectory has what it wants.

        ``more``: there is another turn.
        """
        if isinstance(reply, Done):
            failing = self.last_look.failing(self.evaluations[-1].patch, self.test)
            if not failing:
                return True
            self.conversation.reply(answer, f"{failing}\n\n{self.plan.forms.any_request()}")
            return False
        new_test = isinstance(reply, GeneratedTest)
        evaluation, repeated = self._evaluated(reply)
        clean = not evaluation.regressions and evaluation.verified
        if not self.plan.forms.actions and (clean or (self.test is None and not evaluation.regressions)):
            return True
        if clean and (repeated or not more or self.last_look.asked) and not self.last_look.untold(evaluation.patch):
            return True
        told = evaluation.told(new_test=new_test, rooms=self.rooms)
        if clean:
            failing = self.last_look.failing(evaluation.patch, self.test)
            question = "" if failing else self.last_look.question(evaluation.patch, self.test)
            if question:
                self.conversation.reply(answer, question)
            if not failing:
                return not question
            told = f"{told}\n\n{failing}"
        elif repeated:
            self._begin_afresh()
            return False
        self.conversation.reply(answer, f"{told}\n\n{self.plan.forms.any_request()}")
        return False

    def _evaluated(self, reply: Edit | GeneratedTest) -> tuple[BothSides, bool]:
        """Evaluate a new edit or test; return what came of it and whether it is one of before."""
        if isinstance(reply, GeneratedTest):
            self._displace(reply)
            self.test, patch = reply, self.evaluations[-1].patch
        else:
            patch = self._patch(reply)
        known = any(one.patch == patch and one.test == self.test for one in self.evaluations)
        repeated = known and not isinstance(reply, GeneratedTest)
        evaluation = self._evaluate(patch)
        self.evaluations.append(evaluation)
        self.session.made(self.so_far(Ending.STOPPED))
        self.session.tell(_summary(evaluation, repeated=repeated))
        return evaluation, repeated

    def _displace(self, new: GeneratedTest) -> None:
        """Remember a test that showed the issue and failed on the present patch, and is being replaced."""
        last = self.evaluations[-1]
        if last.test is not None and last.test != new and last.reproduces and not last.passes:
            self.displaced = [*(one for one in self.displaced if one != last.test), last.test]

    def _evaluate(self, patch: str) -> BothSides:
        on_base = on_patch = None
        if self.test:
            on_base, on_patch = self.session.run_on(self.test, [None, patch])
        displaced = tuple(self.session.run(test, patch) for test in self.displaced if test != self.test)
        broken = self.session.broken(patch, self.plan.baseline) if self.plan.baseline else {}
        return BothSides(patch, self.test, on_base, on_patch, tuple(broken), broken, displaced)

    def _patch(self, change: Edit) -> str:
        before = {path: self.plan.forms.files.get(path) for path in change.files}
        return make_patch(before, change.files)

    def _begin_afresh(self, unchanged: str = "") -> None:
        """Begin again without the model's own words, naming what was tried: shown them, it would repeat them."""
        if unchanged:
            self.session.tell(f"{unchanged} given back unchanged")
        self.kept = ()
        tried = {one.patch: one for one in self.evaluations}.values()
        attempts = [{"diff": one.patch, "why": one.shortcoming()} for one in tried]
        afresh = render("edit/afresh", attempts=attempts, unchanged=unchanged, forms=self.plan.forms.edit_request())
        self.conversation.begin(self._opening(), afresh)


def _summary(evaluation: BothSides, *, repeated: bool) -> str:
    if evaluation.regressions:
        text = f"edit breaks {amount(len(evaluation.regressions), 'test')}"
    elif evaluation.on_patch is None:
        text = "edit keeps every test"
    elif evaluation.verified:
        text = "edit passes its test"
    elif evaluation.passes and evaluation.loosened:
        text = "edit passes a test that was loosened"
    else:
        passes = evaluation.on_patch.outcome == Outcome.PASS
        text = "edit passes a test that shows nothing" if passes else "edit fails its test"
    return f"repeated {text}" if repeated else text
