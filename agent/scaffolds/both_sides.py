"""What the harness saw of an edit: the test on both sides, and the repository's own tests (two-sided debugging).

CodeMonkeys (arXiv 2501.14723, section 4.2) shows the model the test's output on the original and on the edited
code. Here the harness also decides: a model's word never makes a patch verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from agent.prompts import render
from agent.scaffolds.rooms import Rooms
from agent.suspicion import suspicions
from environments.text import amount
from environments.workbench.outcome import Execution, GeneratedTest, Outcome

SHOWN_OUTPUT = 1500
"""Characters of a test's output that a prompt shows: its head and its tail."""
_LEAST_TRACEBACK = 200


@dataclass(frozen=True)
class BothSides:
    """One edit, as evaluated."""

    patch: str
    test: GeneratedTest | None
    on_base: Execution | None
    on_patch: Execution | None
    regressions: tuple[str, ...]
    tracebacks: Mapping[str, str] = field(default_factory=dict)
    """What the broken tests printed, by name, where that is known."""
    displaced: tuple[Execution, ...] = ()
    """The tests that failed on a patch of this trajectory and were replaced by it since, run on this patch."""

    @property
    def reproduces(self) -> bool:
        """The test fails (not: errs) on the base."""
        return self.on_base is not None and self.on_base.outcome == Outcome.FAIL

    @property
    def verified(self) -> bool:
        """The harness saw the test fail on the base and pass on the patch.

        A test that took the place of one that the trajectory's own patch failed is no proof by itself: the one that
        it displaced must pass on the patch as well. A suspicious patch is not verified by any test.
        """
        return self.passes and self.reproduces and not self.loosened and not self.suspicious

    @cached_property
    def suspicious(self) -> tuple[str, ...]:
        """What the patch adds that no repair needs, in words."""
        return suspicions(self.patch)

    @property
    def passes(self) -> bool:
        """The test passes on the patch."""
        return self.on_patch is not None and self.on_patch.outcome == Outcome.PASS

    @property
    def loosened(self) -> bool:
        """A test that this trajectory has replaced does not pass on the patch."""
        return any(run.outcome != Outcome.PASS for run in self.displaced)

    @property
    def merit(self) -> tuple[bool, bool, int]:
        """Order of patches within a trajectory: no regressions, then verified, then fewest regressions."""
        return (not self.regressions, self.verified, -len(self.regressions))

    def told(self, *, new_test: bool, rooms: Rooms) -> str:
        """Return the evaluation as the model is told it."""
        base, patched = self.on_base, self.on_patch
        return render(
            "edit/feedback",
            diff=clipped(self.patch, rooms.diff),
            test=self.test.source if self.test and base and patched else "",
            new_test=new_test,
            base_exit=base.exit_code if base else "",
            base_note=_note(base),
            base_shown=new_test,
            base_output=clipped(base.output, rooms.output) if base else "",
            patch_exit=patched.exit_code if patched else "",
            patch_note=_note(patched),
            patch_output=clipped(patched.output, rooms.output) if patched else "",
            loosened=self.passes and self.loosened,
            regressions=self.regressions[: rooms.names],
            regressions_more=max(0, len(self.regressions) - rooms.names),
            tracebacks=self.shown_tracebacks(rooms.regressions, rooms.names),
        )

    def shown_tracebacks(self, left: int, names: int) -> list[dict[str, str]]:
        """Return the tracebacks to show in ``left`` characters: each gets an equal part, and what shorter ones leave.

        ``names``: of how many of the broken tests, at most.
        """
        known = [(name, self.tracebacks[name]) for name in self.regressions if self.tracebacks.get(name)]
        shown = []
        for place, (name, text) in enumerate(known[:names]):
            room = left // (min(len(known), names) - place)
            if room < _LEAST_TRACEBACK:
                break
            output = clipped(text, room)
            left -= len(output)
            shown.append({"name": name, "output": output})
        return shown

    def shortcoming(self) -> str:
        """Return in one line why this edit is not the answer."""
        if self.regressions:
            return (
                f"It breaks {amount(len(self.regressions), 'test')} of the repository, such as {self.regressions[0]}."
            )
        if self.on_patch is not None and not self.passes:
            return f"The test still ended with exit code {self.on_patch.exit_code}{_note(self.on_patch)}."
        if self.suspicious:
            return f"It {', and '.join(self.suspicious)}, which no repair needs: it would not be believed."
        if self.loosened:
            return "The test that was replaced still fails."
        return "It was not enough."


def clipped(text: str, limit: int = SHOWN_OUTPUT) -> str:
    """Return a text of at most about ``limit`` characters: head and tail, the cut named."""
    text = text.strip()
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters left out ...]\n{text[-half:]}"


def _note(run: Execution | None) -> str:
    notes = {
        Outcome.FAIL: " (the issue is present)",
        Outcome.PASS: " (the issue is gone)",
        Outcome.TIMEOUT: " (it ran into its time limit)",
        Outcome.ERROR: " (the test itself broke)",
    }
    return notes.get(run.outcome, "") if run else ""
