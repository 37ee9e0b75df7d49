"""The scaffold ``tools-test``: the loop with tools, whose result is a test file or a script that shows the issue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agent.models.profiles import Capability
from agent.prompts import render
from agent.scaffolds.scaffold import Plan
from agent.scaffolds.test_forms import how_to_write_a_test
from agent.scaffolds.tools.calling.tool import ToolBox
from agent.scaffolds.tools.calling.way_of_calling import begins_with_functions
from agent.scaffolds.tools.editing import forms_for, window_of
from agent.scaffolds.tools.loop import Loop
from agent.scaffolds.tools.shown import room_for
from agent.scaffolds.tools.toolbox.editor import Editor
from agent.scaffolds.tools.toolbox.shell import MOST_SECONDS, USUAL_SECONDS, Bash
from agent.scaffolds.tools.window.fitting import fitted
from agent.scaffolds.tools.written_test import CheckTest, NoTest, SubmitTest, WrittenTest
from agent.trajectory.session import Session
from agent.trajectory.trajectory import Ending, Trajectory
from agent.trajectory.workspace import Workspace
from environments.workbench.place import probe

STEPS = 60
"""Answers of one trajectory, unless the configuration says."""


class ToolsTest:
    """The scaffold ``tools-test``; a model without functions calls by blocks in its text."""

    kind: Literal["test"] = "test"
    needs: frozenset[Capability] = frozenset()
    turns = STEPS

    def run(self, session: Session, plan: Plan, *, index: int) -> Trajectory:
        """Run one test trajectory with tools; whatever the ending, the best test that it has made is in it."""
        with session.workspace() as workspace:
            attempt = _Attempt(session, plan, index, workspace)
            ending = session.conclude(attempt.run)
            written = attempt.written
            return Trajectory(
                id=f"test-{index}",
                kind="test",
                ending=ending,
                test=written.shows or written.test,
                reproduces=written.shows is not None,
                **session.totals(),
            )


@dataclass
class _Attempt:
    session: Session
    plan: Plan
    index: int
    workspace: Workspace

    def __post_init__(self) -> None:
        window = window_of(self.session, self.plan)
        room = room_for(window)
        self.native = begins_with_functions(self.session, self.plan.forms.profile)
        self.written = WrittenTest(self.session, self.workspace, f"test:{self.index}", room)
        box = ToolBox(
            (
                Bash(self.workspace, room, self.written.after_change),
                Editor(self.workspace, room, self.written.after_change),
                CheckTest(self.written),
                SubmitTest(self.written),
            )
        )
        self.loop = Loop(self.session, self.plan.sampling, box, self.native, window, forms=lambda: forms_for(self.plan))

    def run(self) -> Ending:
        """Go through the loop; a test that stands in the tree at its end is judged, handed in or not."""
        system, functions = render("tools/test_system"), self.loop.box.functions() if self.native else ()
        window = self.loop.window
        opening = fitted(self.session, self.plan, window, self._opening, system=system, functions=functions)
        ending = self.loop.run(system, opening)
        if ending != Ending.SUBMITTED and self.written.shows is None:
            try:
                self.written.judge("")
            except NoTest as problem:
                self.session.tell(f"no test is left in the tree: {problem}")
        return ending

    def _opening(self, situation: str) -> str:
        plan = self.plan
        return render(
            "tools/test_opening",
            situation=situation,
            place=probe(self.session.bench),
            usual_seconds=f"{USUAL_SECONDS:g}",
            most_seconds=f"{MOST_SECONDS:g}",
            directive=plan.directive,
            test_forms=how_to_write_a_test("module", self.session.bench.facts, in_tree=True),
            forms="" if self.native else forms_for(plan),
        )
