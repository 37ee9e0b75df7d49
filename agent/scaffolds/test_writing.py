"""A test trajectory: write a test, see it on the unchanged code, write it again until it shows the issue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agent.edits import EditError
from agent.models.profiles import Capability
from agent.prompts import render
from agent.scaffolds.both_sides import clipped
from agent.scaffolds.conversation import Conversation
from agent.scaffolds.rooms import rooms_of
from agent.scaffolds.scaffold import Plan
from agent.scaffolds.structured_test import structured_grammar
from agent.scaffolds.test_forms import parse_test
from agent.trajectory.session import Session
from agent.trajectory.trajectory import Ending, Trajectory
from environments.workbench.outcome import GeneratedTest, Outcome

_HINTS = {
    Outcome.ERROR: "Mend it: import every name from where the code above defines it.",
    Outcome.TIMEOUT: "Write one that ends at once.",
    Outcome.PASS: "Check another case of the issue, with the value that the issue asks for.",
}


class TestWriting:
    """The scaffold ``test-writing``; it makes do with any chat model."""

    __test__ = False

    kind: Literal["test"] = "test"
    needs: frozenset[Capability] = frozenset()
    turns = 3

    def run(self, session: Session, plan: Plan, *, index: int) -> Trajectory:
        """Run one test trajectory; see ``write_test``."""
        return write_test(session, plan, index=index)


def write_test(session: Session, plan: Plan, *, index: int) -> Trajectory:
    """Run one test trajectory: its final test, and whether the harness saw it fail on the base."""
    conversation = Conversation(session, plan.sampling, structured_grammar() if plan.forms.profile.grammar else None)
    attempt = _Attempt(session, plan, conversation, origin=f"test:{index}")
    ending = session.conclude(attempt.run)
    return Trajectory(
        id=f"test-{index}",
        kind="test",
        ending=ending,
        test=attempt.test,
        reproduces=attempt.reproduces,
        **session.totals(),
    )


@dataclass
class _Attempt:
    session: Session
    plan: Plan
    conversation: Conversation
    origin: str
    test: GeneratedTest | None = None
    reproduces: bool = False

    def run(self) -> Ending:
        """Take turns until a test fails on the unchanged code; the harness decides that, not the model."""
        self.conversation.begin(self._opening())
        readable = malformed = False
        for _ in range(self.plan.sampling.turns):
            answer = self.conversation.ask(self._read)
            if answer is None:
                continue
            try:
                test = self._read(answer)
            except EditError as problem:
                malformed = True
                self.conversation.object(answer, problem.message_for_model, self.plan.forms.test_request())
                continue
            readable = True
            if self._show(answer, test):
                return Ending.SUBMITTED
        return Ending.FORMAT_ERRORS if malformed and not readable else Ending.TURN_LIMIT

    def _read(self, answer: str) -> GeneratedTest:
        forms = self.plan.forms
        return parse_test(forms.profile.test_format, answer, origin=self.origin, facts=forms.facts)

    def _opening(self) -> str:
        request = render("write_test/request", directive=self.plan.directive, forms=self.plan.forms.test_request())
        return f"{self.plan.situation}\n\n{request}"

    def _show(self, answer: str, test: GeneratedTest) -> bool:
        """Run the test on the base and tell the model; return whether it shows the issue."""
        repeated = self.test is not None and test.id == self.test.id
        self.test = test
        run = self.session.run(test)
        self.session.tell(f"test {'repeated, ' if repeated else ''}{run.outcome} on the base")
        self.reproduces = run.outcome == Outcome.FAIL
        if self.reproduces:
            return True
        if repeated:
            self.conversation.begin(self._opening())
        feedback = render(
            "write_test/feedback",
            outcome=run.outcome,
            exit_code=run.exit_code,
            output=clipped(run.output, rooms_of(self.plan.forms.profile).output),
            hint=_HINTS[run.outcome],
            forms=self.plan.forms.test_request(),
        )
        self.conversation.reply(answer, feedback)
        return False
