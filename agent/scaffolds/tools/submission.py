"""The tool ``submit``, in two steps: the diff is shown first, and only the same one again is handed in."""

from __future__ import annotations

from dataclasses import dataclass

from agent.patch import sections
from agent.prompts import render
from agent.scaffolds.tools.evidence import Tree, evidence
from agent.scaffolds.tools.shown import head_and_tail
from agent.scaffolds.tools.tool import Arguments, Done


class SubmitArguments(Arguments):
    """It takes nothing."""


@dataclass
class Submit:
    """Hands in the tree's change."""

    tree: Tree
    room: int
    name: str = "submit"
    about: str = (
        "Hand in your tree as it is. The first call shows what would be handed in; call it again to confirm. Tests, "
        "scratch files and caches are left out by themselves."
    )
    arguments: type[SubmitArguments] = SubmitArguments
    handed_in: str | None = None
    """The confirmed patch; None: none is."""
    _shown: str | None = None

    def use(self, arguments: SubmitArguments) -> Done:
        """Show the change, or take it."""
        self.tree.look()
        patch = self.tree.patch
        if patch == self._shown:
            self.handed_in = patch
            return Done("Handed in." if patch else "Handed in without a change.", over=True)
        self._shown = patch
        if not patch:
            return Done(render("tools/nothing_to_submit", raw=bool(self.tree.raw.strip()), problem=self.tree.problem))
        kept = {part.path for part in sections(patch)}
        left_out = [part.path for part in sections(self.tree.raw) if part.path not in kept]
        return Done(
            render(
                "tools/confirm",
                diff=head_and_tail(patch, self.room, "see the rest by git diff"),
                left_out=left_out[:20],
                more=max(0, len(left_out) - 20),
                evidence=evidence(self.tree, self.room),
            )
        )
