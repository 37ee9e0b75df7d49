"""The last look before an editing trajectory ends: every known test of the issue, then one question: DONE?"""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.prompts import render
from agent.scaffolds.both_sides import clipped
from agent.scaffolds.rooms import Rooms
from agent.scaffolds.scaffold import Plan
from agent.trajectory.session import Session
from environments.workbench.outcome import Execution, GeneratedTest, Outcome

MOST_TESTS = 12
"""Known tests that are run before a trajectory ends."""
_SHOWN_TESTS = 3
"""Known tests that are told of, where more of them fail."""


@dataclass
class LastLook:
    """What a trajectory is told before it ends. The known tests may be wrong: they decide nothing."""

    session: Session
    plan: Plan
    rooms: Rooms
    asked: bool = False
    """The model was asked whether it stands by its edit, all known tests passing."""
    _told: dict[str, bool] = field(default_factory=dict)
    """Patch on which the known tests were run -> whether one of them fails, of which the model was told."""

    def untold(self, patch: str) -> bool:
        """Tell whether the known tests have yet to be run on a patch, and there are any."""
        return bool(self.plan.known) and patch not in self._told

    def failing(self, patch: str, own: GeneratedTest | None) -> str:
        """Return what the model is told of the known tests that its patch fails; empty where it was, or none does."""
        if not self.untold(patch):
            return ""
        failing = [(test, run) for test, run in self._runs(patch, own) if run.outcome != Outcome.PASS]
        self._told[patch] = bool(failing)
        if not failing:
            return ""
        self.session.tell(f"{len(failing)} other tests of the issue fail")
        shown = [
            {"source": test.source, "exit_code": run.exit_code, "output": clipped(run.output, self.rooms.output)}
            for test, run in failing[:_SHOWN_TESTS]
        ]
        return render("edit/last_look", failing=shown)

    def question(self, patch: str, own: GeneratedTest | None) -> str:
        """Return the question whether the model is done with a patch that passes all; empty where it was asked before.

        It is short and quotes nothing: the patch stands above it, all before it is in the endpoint's cache, and DONE
        is a word. It holds no forms of answers either: another edit is written like the one before.
        """
        if self.asked or self._told.get(patch):
            return ""
        self.asked = True
        self.session.tell("asked whether it is done")
        tests = len({test.id for test in self._known(own)} | ({own.id} if own else set()))
        return render("edit/done_question", tests=tests, suite=bool(self.plan.baseline))

    def _known(self, own: GeneratedTest | None) -> list[GeneratedTest]:
        return [test for test in self.plan.known if own is None or test.id != own.id][:MOST_TESTS]

    def _runs(self, patch: str, own: GeneratedTest | None) -> list[tuple[GeneratedTest, Execution]]:
        return [(test, self.session.run(test, patch)) for test in self._known(own)]
