"""``/runoff explain``: the account of the last run on an issue, from its record; no model is asked."""

from __future__ import annotations

from swebench_runs.checkouts.handing_over.explanation import explained
from swebench_runs.figures.metrics import GradedTask

_MOST = 40
NOTHING = "No run on this issue is on record here: `/runoff` starts one."


def account(task: GradedTask | None) -> list[str]:
    """Return the lines of an account; one that says so where there is nothing to tell."""
    if task is None:
        return [NOTHING]
    withheld = task.decision is None or task.decision.abstained
    lines = explained(task, withheld=withheld)
    for one in task.trajectories[:_MOST]:
        seen = "its test failed before and passed after" if one.verified else "not verified"
        made = f"patch {one.candidate}" if one.candidate else "no patch that applies"
        lines.append(f"{one.id}: {made}, {seen}, ended by {one.ending.value}")
    return lines
