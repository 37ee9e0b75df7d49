"""A run-off's test on the base and on every finalist, as the harness runs and counts it."""

from __future__ import annotations

from agent.scaffolds.both_sides import clipped
from agent.trajectory.session import Session
from environments.workbench.outcome import GeneratedTest
from selection.contest import Contest


def run_on_all(session: Session, contest: Contest, test: GeneratedTest, room: int) -> list[dict[str, object]]:
    """Run a test on the base and on every finalist, count it, and return what came of it as a prompt shows it.

    ``room``: the characters of one output.
    """
    executions = session.run_on(test, [None, *(one.patch for _, one in contest.shown)])
    contest.count(test, [run.outcome for run in executions])
    labels = ["Unchanged code", *(f"Change {label}" for label, _ in contest.shown)]
    ended = list(zip(labels, executions, strict=True))
    session.tell(", ".join(f"{label.split()[-1]} {run.outcome}" for label, run in ended))
    return [
        {"tree": label, "outcome": run.outcome, "exit_code": run.exit_code, "output": clipped(run.output, room)}
        for label, run in ended
    ]
