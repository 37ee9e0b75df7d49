"""When Runoff abstains: what keeps it from standing by a candidate, in one sentence."""

from __future__ import annotations

from selection.weighing import Evidence, RunoffVerdict, counted


def objection_to(evidence: Evidence, verdict: RunoffVerdict | None) -> str | None:
    """Say why Runoff would not stand by the candidate; None when it would."""
    if verdict is not None and verdict.winner is None:
        return f"The run-off found that no finalist deserves to win: {verdict.reason}"
    if evidence.suspicious:
        return f"It is suspicious: it {', and '.join(evidence.suspicious)}, so that its tests may say what it likes."
    if evidence.gate == "broken":
        fallback = ", the fewest of all candidates" if evidence.fewest else ""
        return f"It breaks {counted(evidence.regressions, 'existing test')}{fallback}."
    if not evidence.passed and not evidence.failed:
        return "No test reproduces the issue, so nothing shows that the patch resolves it."
    if not evidence.passed:
        return f"It passes none of {counted(evidence.failed, 'test')} that reproduce the issue."
    if verdict is None and evidence.rivals and evidence.cluster == 1:
        others = counted(range(evidence.rivals), "other change does", "other changes do")
        return f"{others} as well by every test that was run, and it was made only once: nothing tells them apart."
    return None
