"""The tool ``check``: what the harness sees of the present tree, by the issue's test and the repository's own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from agent.patch import PatchError, joined, normalise, sections
from agent.prompts import render
from agent.scaffolds.both_sides import BothSides, clipped
from agent.scaffolds.tools.calling.tool import Arguments, Done
from agent.scaffolds.tools.leftovers import leftovers
from agent.scaffolds.tools.lost_tree import Loss, begun_anew
from agent.trajectory.session import Session
from agent.trajectory.workspace import Workspace
from environments.sandboxes.contract import TreeLost
from environments.workbench.outcome import GeneratedTest

_SHOWN_REGRESSIONS = 20


@dataclass
class Tree:
    """The trajectory's tree as a patch: its present one, and the best that it has been."""

    session: Session
    workspace: Workspace
    test: GeneratedTest | None
    baseline: Sequence[str]
    made: Callable[[], None] = lambda: None
    """Is called each time the tree has a change that it did not have before."""
    raw: str = ""
    """The diff as the tree's git says it."""
    patch: str = ""
    """Its change of source files, in the one form of all patches."""
    problem: str = ""
    """Why the diff is no patch, where it is none."""
    edited: set[str] = field(default_factory=set)
    """The paths that were written by the editor."""
    kept: set[str] = field(default_factory=set)
    """Those that are handed in by the model's word."""
    left_out: list[str] = field(default_factory=list)
    """New files that commands left behind (see `leftovers.py`), and that are not handed in."""
    seen: dict[str, BothSides | None] = field(default_factory=dict)
    """Every patch that the tree has been, the present one last, with what the harness saw of it, if it looked."""

    def look(self, full: bool = False) -> str:
        """Read the tree's change anew; ``full``: its disk is used up. Return what the model must be told of it.

        A tree that is of no more use is replaced by one with its last change.
        """
        loss: Loss | None = "disk" if full else None
        try:
            self._take(self.workspace.diff())
        except TreeLost:
            loss = "tree"
        except OSError:
            self.raw, self.patch = "", ""
            self.problem = "is too large for a change of source files: remove the large files that were made"
        if loss is None:
            return ""
        told = begun_anew(self.session, self.workspace, self.patch or next(reversed(self.seen), ""), loss)
        self._take(self.workspace.diff())
        return told

    def _take(self, raw: str) -> None:
        if raw == self.raw:
            return
        self.raw, self.problem, self.left_out = raw, "", []
        try:
            self.patch = normalise(self._without_leftovers(raw), self.session.bench.read)
        except PatchError as error:
            self.patch, self.problem = "", str(error)
            self.session.tell(f"the tree's change is no patch: {error}")
        if self.patch:
            known = self.seen.pop(self.patch, None)
            self.seen[self.patch] = known
            self.made()

    def keep(self, paths: Collection[str]) -> None:
        """Hand these in too, though commands left them behind."""
        self.kept |= set(paths)
        raw, self.raw = self.raw, ""
        self._take(raw)

    def _without_leftovers(self, raw: str) -> str:
        if "\nnew file mode " not in raw:
            return raw
        parts = sections(raw)
        self.left_out = leftovers(parts, self.session.bench.everything(), edited=self.edited, kept=self.kept)
        return joined([part for part in parts if part.path not in self.left_out]) if self.left_out else raw

    def check(self) -> BothSides | None:
        """Have the harness run the tests on the base and on the present tree; None where nothing has changed."""
        self.look()
        if not self.patch:
            return None
        if (known := self.seen.get(self.patch)) is None:
            on_base = on_patch = None
            if self.test:
                on_base, on_patch = self.session.run_on(self.test, [None, self.patch])
            broken = self.session.broken(self.patch, self.baseline) if self.baseline else {}
            known = BothSides(self.patch, self.test, on_base, on_patch, tuple(broken), broken)
            self.seen[self.patch] = known
            self.made()
        return known

    @property
    def best(self) -> tuple[str, BothSides | None]:
        """The patch that the harness thinks most of; among equals, and those that it has not looked at, the latest."""
        unseen = (True, False, 0)
        return max(reversed(self.seen.items()), key=lambda one: one[1].merit if one[1] else unseen, default=("", None))


class CheckArguments(Arguments):
    """It takes nothing."""


@dataclass
class Check:
    """Shows the harness's evidence; it is offered, and nothing waits for it."""

    tree: Tree
    room: int
    name: str = "check"
    about: str = (
        "Have the harness run the test that shows the issue, where there is one, and the repository's own tests near "
        "it, on the unchanged code and on your tree as it is now, each in a fresh copy, without your scratch files "
        "and tests. `runoff-check`, as a whole command of `bash`, does the same."
    )
    arguments: type[CheckArguments] = CheckArguments

    def use(self, arguments: CheckArguments) -> Done:
        """Run them and tell what came of it."""
        return Done(evidence(self.tree, self.room))


def evidence(tree: Tree, room: int) -> str:
    """Return what the harness sees of the present tree, as a model is told it."""
    if not tree.test and not tree.baseline:
        return "The harness has no test for this issue: only your own can tell."
    seen = tree.check()
    if seen is None:
        problem = f" ({tree.problem})" if tree.problem else ""
        return f"Your tree has no change of a source file to check{problem}."
    base, patched = seen.on_base, seen.on_patch
    return render(
        "tools/evidence",
        base=base,
        patched=patched,
        verified=seen.verified,
        reproduces=seen.reproduces,
        base_output=clipped(base.output, room // 4) if base else "",
        patch_output=clipped(patched.output, room // 4) if patched else "",
        baseline=len(tree.baseline),
        regressions=seen.regressions[:_SHOWN_REGRESSIONS],
        tracebacks=seen.shown_tracebacks(room // 2, _SHOWN_REGRESSIONS),
        more=max(0, len(seen.regressions) - _SHOWN_REGRESSIONS),
    )
