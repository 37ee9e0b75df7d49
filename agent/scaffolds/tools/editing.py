"""The scaffold ``tools``: a loop with a shell and an editor in a tree of its own, whose change is the patch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from agent.models.contract import ContextOverflow, RequestRefused
from agent.models.profiles import Capability
from agent.prompts import render
from agent.scaffolds.scaffold import Plan
from agent.scaffolds.tools.calling.fenced_grammar import FENCED
from agent.scaffolds.tools.calling.tool import ToolBox
from agent.scaffolds.tools.calling.way_of_calling import begins_with_functions
from agent.scaffolds.tools.loop import Loop
from agent.scaffolds.tools.shown import room_for
from agent.scaffolds.tools.toolbox.check import Check, Tree, evidence
from agent.scaffolds.tools.toolbox.editor import Editor
from agent.scaffolds.tools.toolbox.shell import MOST_SECONDS, USUAL_SECONDS, Bash
from agent.scaffolds.tools.toolbox.submission import Submit
from agent.scaffolds.tools.window.fitting import fitted, is_small
from agent.trajectory.budget import BudgetExceeded
from agent.trajectory.session import Session, Stopped
from agent.trajectory.trajectory import Ending, Trajectory
from agent.trajectory.workspace import Workspace
from environments.workbench.forks.commands_inside import CHECK
from environments.workbench.place import probe

STEPS = 250
"""Answers of one trajectory, unless the configuration says."""


class Tools:
    """The scaffold ``tools``; a model without functions calls by blocks in its text."""

    kind: Literal["edit"] = "edit"
    needs: frozenset[Capability] = frozenset()
    turns = STEPS

    def run(self, session: Session, plan: Plan, *, index: int) -> Trajectory:
        """Run one editing trajectory with tools to its end; whatever the ending, its best patch is in it."""
        with session.workspace() as workspace:
            attempt = _Attempt(session, plan, index, workspace)
            return attempt.so_far(session.conclude(attempt.run))


@dataclass
class _Attempt:
    session: Session
    plan: Plan
    index: int
    workspace: Workspace

    def __post_init__(self) -> None:
        plan, window = self.plan, window_of(self.session, self.plan)
        self.room = room_for(window)
        self.tree = Tree(self.session, self.workspace, plan.test, plan.baseline, made=self._made)
        self.submit = Submit(self.tree, self.room)
        self.native = begins_with_functions(self.session, plan.forms.profile)
        box = ToolBox(
            (
                Bash(self.workspace, self.room, self.tree.look, {CHECK: lambda: evidence(self.tree, self.room)}),
                Editor(self.workspace, self.room, self.tree.look, self.tree.edited.add),
                Check(self.tree, self.room),
                self.submit,
            )
        )
        held = FENCED if plan.forms.profile.grammar and not self.native else None
        self.loop = Loop(
            self.session,
            plan.sampling,
            box,
            self.native,
            window,
            diff=lambda: self.tree.patch,
            grammar=held,
            forms=lambda: forms_for(plan),
        )

    def run(self) -> Ending:
        """Go through the loop; the harness looks at what is left in the tree, whatever ended it, but for the clock."""
        try:
            ending = self.loop.run(*self._beginning())
        except (BudgetExceeded, ContextOverflow, RequestRefused, Stopped) as error:
            if not (isinstance(error, BudgetExceeded) and error.kind == "seconds"):
                self.tree.check()
            raise
        self.tree.check()  # the vote needs these runs anyway, and `verified` is the harness's word
        return ending

    def _beginning(self) -> tuple[str, str]:
        system, functions = render("tools/system"), self.loop.box.functions() if self.native else ()

        def said(situation: str) -> str:
            return opening(self.session, replace(self.plan, situation=situation), native=self.native)

        return system, fitted(self.session, self.plan, self.loop.window, said, system=system, functions=functions)

    def so_far(self, ending: Ending) -> Trajectory:
        """Return what the trajectory comes to, with that ending."""
        best, _ = self.tree.best
        patch = self.submit.handed_in or best
        seen = self.tree.seen.get(patch)
        return Trajectory(
            id=f"edit-{self.index}",
            kind="edit",
            ending=ending,
            patch=patch,
            test=self.plan.test,
            verified=seen.verified if seen else False,
            reproduces=seen.reproduces if seen else False,
            **self.session.totals(),
        )

    def _made(self) -> None:
        self.session.made(self.so_far(Ending.STOPPED))


def window_of(session: Session, plan: Plan) -> int | None:
    """Return the model's window in tokens; None where nobody knows it."""
    return plan.forms.profile.context_tokens or getattr(session.model, "context_tokens", None)


def forms_for(plan: Plan) -> str:
    """Return how tools are called by blocks, shown on a file of the task: weak models do as the examples do."""
    shown = plan.forms.context.symbols
    name = "tools/forms_short" if is_small(plan.forms.profile) else "tools/forms"
    return render(name, path=shown[0].path if shown else "setup.py")


def opening(session: Session, plan: Plan, *, native: bool) -> str:
    """Return the first message: the issue, the place and its rules, and what is asked."""
    return render(
        "tools/opening_short" if is_small(plan.forms.profile) else "tools/opening",
        situation=plan.situation,
        usual_seconds=f"{USUAL_SECONDS:g}",
        most_seconds=f"{MOST_SECONDS:g}",
        place=probe(session.bench),
        test=plan.test.source if plan.test else "",
        directive=plan.directive,
        forms="" if native else forms_for(plan),
    )
