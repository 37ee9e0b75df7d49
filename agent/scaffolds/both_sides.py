"""What the harness saw of an edit: the test on both sides, and the repository's own tests (two-sided debugging).

CodeMonkeys (arXiv 2501.14723, section 4.2) shows the model the test's output on the original and on the edited
code. Here the harness also decides: a model's word never makes a patch verified.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.prompts import render
from environments.workbench.outcome import Execution, GeneratedTest, Outcome

SHOWN_OUTPUT = 1500
"""Characters of a test's output that a prompt shows: its head and its tail."""
_SHOWN_DIFF = 4000
_SHOWN_REGRESSIONS = 5


@dataclass(frozen=True)
class BothSides:
    """One edit, as evaluated."""

    patch: str
    test: GeneratedTest | None
    on_base: Execution | None
    on_patch: Execution | None
    regressions: tuple[str, ...]

    @property
    def reproduces(self) -> bool:
        """The test fails (not: errs) on the base."""
        return self.on_base is not None and self.on_base.outcome == Outcome.FAIL

    @property
    def verified(self) -> bool:
        """The harness saw the test fail on the base and pass on the patch."""
        return self.reproduces and self.on_patch is not None and self.on_patch.outcome == Outcome.PASS

    @property
    def merit(self) -> tuple[bool, bool, int]:
        """Order of patches within a trajectory: no regressions, then verified, then fewest regressions."""
        return (not self.regressions, self.verified, -len(self.regressions))

    def told(self, *, new_test: bool) -> str:
        """Return the evaluation as the model is told it."""
        base, patched = self.on_base, self.on_patch
        return render(
            "edit_feedback",
            diff=clipped(self.patch, _SHOWN_DIFF),
            test=self.test.source if self.test and base and patched else "",
            new_test=new_test,
            base_exit=base.exit_code if base else "",
            base_note=_note(base),
            base_shown=new_test,
            base_output=clipped(base.output) if base else "",
            patch_exit=patched.exit_code if patched else "",
            patch_note=_note(patched),
            patch_output=clipped(patched.output) if patched else "",
            regressions=self.regressions[:_SHOWN_REGRESSIONS],
            regressions_more=max(0, len(self.regressions) - _SHOWN_REGRESSIONS),
        )

    def shortcoming(self) -> str:
        """Return in one line why this edit is not the answer."""
        if self.regressions:
            return f"It breaks {len(self.regressions)} tests of the repository, such as {self.regressions[0]}."
        if self.on_patch is not None and self.on_patch.outcome != Outcome.PASS:
            return f"The test still ended with exit code {self.on_patch.exit_code}{_note(self.on_patch)}."
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
