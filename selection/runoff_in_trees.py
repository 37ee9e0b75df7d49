"""The run-off for models that work with tools: every finalist's tree side by side, to be read, run and tested.

What counts is what counts in every run-off (`contest.py`): tests that the harness ran, then the model's word.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from agent.prompts import render
from agent.scaffolds.both_sides import clipped
from agent.scaffolds.test_forms import how_to_write_a_test
from agent.scaffolds.tools.calling.tool import ToolBox
from agent.scaffolds.tools.calling.way_of_calling import begins_with_functions
from agent.scaffolds.tools.loop import Loop, in_tags
from agent.scaffolds.tools.shown import room_for
from agent.scaffolds.tools.toolbox.shell import MOST_SECONDS, USUAL_SECONDS
from agent.trajectory.session import Session
from agent.trajectory.trajectory import Ending
from agent.trajectory.workspace import Workspace
from environments.workbench.place import probe
from selection.contest import Contest
from selection.runoff_plan import RunoffPlan
from selection.runoff_tools import UNCHANGED, CountedTest, RunSideBySide, Trees, Verdict, Write
from verifiers.judges.diff_room import diff_room

_SHOWN_DIFF = 3000


@dataclass
class RunoffInTrees:
    """One run-off with tools."""

    session: Session
    plan: RunoffPlan
    contest: Contest

    def run(self) -> Ending:
        """Go through the loop with a tree for the base and one for each finalist."""
        with ExitStack() as held:
            trees: dict[str, Workspace] = {UNCHANGED: held.enter_context(self.session.workspace())}
            for label, finalist in self.contest.shown:
                trees[label] = held.enter_context(self.session.workspace(finalist.patch))
            return self._in(trees)

    def _in(self, by_label: dict[str, Workspace]) -> Ending:
        window = self.plan.profile.context_tokens
        patches = {label: finalist.patch for label, finalist in self.contest.shown}
        trees = Trees(by_label, room_for(window), patches)
        verdict = Verdict(self.contest, self.plan.names)
        tools = (RunSideBySide(trees), Write(trees), CountedTest(self.session, self.contest, trees), verdict)
        native, box = begins_with_functions(self.session, self.plan.profile), ToolBox(tools)
        loop = Loop(self.session, self.plan.sampling, box, native=native, window=window)
        forms = "" if native else in_tags(box)
        ending = loop.run(render("runoff/tools_system"), "\n\n".join(filter(None, (self._opening(), forms))))
        self.contest.why = verdict.why
        return Ending.SUBMITTED if self.contest.told else ending

    def _opening(self) -> str:
        plan, shown = self.plan, self.contest.shown
        room = diff_room(plan.profile, least=_SHOWN_DIFF, changes=len(shown))
        return render(
            "runoff/tools_request",
            situation=plan.situation,
            finalists=[{"label": label, "diff": clipped(one.patch, room)} for label, one in shown],
            place=probe(self.session.bench),
            usual_seconds=f"{USUAL_SECONDS:g}",
            most_seconds=f"{MOST_SECONDS:g}",
            forms=how_to_write_a_test("module", self.session.bench.facts, in_tree=True),
        )
