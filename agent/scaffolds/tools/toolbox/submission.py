"""The tool ``submit``, in two steps: the diff is shown first, and only the same one again is handed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from agent.patch import is_cache_path, sections
from agent.prompts import render
from agent.scaffolds.tools.calling.tool import Arguments, Done
from agent.scaffolds.tools.leftovers import path_in_tree
from agent.scaffolds.tools.shown import head_and_tail
from agent.scaffolds.tools.toolbox.check import Tree, evidence

_SHOWN = 20
"""Paths that are named of each kind that is left out."""
HIDDEN_FILES = f"git ls-files --others --ignored --exclude-standard | grep -v __pycache__ | head -n {10 * _SHOWN}"
"""The command by which the harness itself looks for files that .gitignore hides."""
_SECONDS = 30.0


class SubmitArguments(Arguments):
    """What ``submit`` takes."""

    keep: Annotated[
        tuple[str, ...],
        Field(description="New files to hand in that are said to be left out because nothing refers to them."),
    ] = ()


@dataclass
class Submit:
    """Hands in the tree's change."""

    tree: Tree
    room: int
    name: str = "submit"
    about: str = (
        "Hand in your tree as it is. The first call shows what would be handed in; call it again to confirm. Tests, "
        "scratch files and caches are left out by themselves, and new files that nothing refers to, unless kept."
    )
    arguments: type[SubmitArguments] = SubmitArguments
    handed_in: str | None = None
    """The confirmed patch; None: none is."""
    _shown: str | None = None
    _told_unknown: set[str] = field(default_factory=set)

    def use(self, arguments: SubmitArguments) -> Done:
        """Show the change, or take it."""
        self.tree.look()
        wanted = {path_in_tree(path) for path in arguments.keep}
        if found := wanted.intersection(self.tree.left_out):
            self.tree.keep(found)
        patch = self.tree.patch
        unknown = wanted - self.tree.kept
        if patch == self._shown and unknown <= self._told_unknown:
            self.handed_in = patch
            return Done("Handed in." if patch else "Handed in without a change.", over=True)
        self._shown, self._told_unknown = patch, unknown
        left_out = self._left_out(patch, unknown=sorted(unknown))
        if not patch:
            raw, problem = bool(self.tree.raw.strip()), self.tree.problem
            nothing = render("tools/nothing_to_submit", raw=raw, problem=problem)
            return Done("\n\n".join(filter(None, (nothing, left_out))), waits=True)
        diff = head_and_tail(patch, self.room, "see the rest by git diff")
        seen = evidence(self.tree, self.room)
        return Done(render("tools/confirm", diff=diff, left_out=left_out, evidence=seen), waits=True)

    def _left_out(self, patch: str, unknown: list[str]) -> str:
        """Return what is said of files that are not handed in: empty where all are."""
        parts = [] if self.tree.problem else [part.path for part in sections(self.tree.raw)]
        known = {part.path for part in sections(patch)} | set(self.tree.left_out)
        usual = [path for path in parts if path not in known]
        return render(
            "tools/left_out",
            usual=_some(usual),
            leftovers=_some(self.tree.left_out),
            ignored=_some([path for path in self._ignored() if path not in parts]),
            unknown=_some(unknown),
        )

    def _ignored(self) -> list[str]:
        """Return the files that .gitignore hides and that are new: they are in no diff."""
        listed = self.tree.workspace.run(HIDDEN_FILES, timeout=_SECONDS)
        names = listed.output.decode("utf-8", "replace").splitlines() if listed.exit_code == 0 else []
        return [name for name in names if not is_cache_path(name) and self._is_new(name)][: _SHOWN + 1]

    def _is_new(self, path: str) -> bool:
        try:
            self.tree.session.bench.read(path)
        except FileNotFoundError:
            return True
        except IsADirectoryError:
            return False
        return False


def _some(paths: list[str]) -> str:
    """Name the first of these paths, and say how many more there are."""
    more = len(paths) - _SHOWN
    return ", ".join(paths[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
