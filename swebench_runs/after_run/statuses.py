"""How trajectories and tasks ended, in the words that peers use: the one table between theirs and Runoff's."""

from __future__ import annotations

from collections.abc import Mapping

from agent.trajectory.trajectory import Ending, Trajectory
from selection.decision import Decision
from swebench_runs.after_run.grade_book import read_page
from swebench_runs.one_task import pool
from swebench_runs.one_task.pool import Pool
from swebench_runs.run_folder.store import Run

EXIT_STATUSES: Mapping[Ending, str] = {
    Ending.SUBMITTED: "Submitted",
    Ending.TURN_LIMIT: "LimitsExceeded",
    Ending.TOKEN_LIMIT: "LimitsExceeded",
    Ending.COST_LIMIT: "LimitsExceeded",
    Ending.TIME_LIMIT: "TimeExceeded",
    Ending.CONTEXT_LIMIT: "ContextWindowExceededError",
    Ending.FORMAT_ERRORS: "RepeatedFormatError",
    Ending.MODEL_ERROR: "ModelError",
    Ending.SANDBOX_ERROR: "SandboxError",
    Ending.STOPPED: "Stopped",
}
"""mini-swe-agent's exit statuses; where it has no word it writes an exception's class, and so does this."""

FAILED = "failed"
"""The machine or the endpoint failed: the task has no decision."""
ABSTAINED = "abstained"
"""Runoff would not stand by its answer."""
NOT_EVALUATED = "not_evaluated"
"""The machine failed while the task was graded."""
FEWER = "fewer"
"""The task was decided with fewer trajectories than the run asks for by now."""

STATUSES = tuple(dict.fromkeys((FAILED, ABSTAINED, NOT_EVALUATED, FEWER, *EXIT_STATUSES.values())))
"""What ``--redo`` may name. Grades are none: who redoes what was unresolved looks at the answers."""


def chosen(run: Run, instance_id: str) -> Trajectory | None:
    """Return the trajectory that a task's answer is from, else its first editing one; None where there is none."""
    folder = run.task(instance_id)
    found, decision = folder.read(pool.FILE, Pool), folder.read("decision.json", Decision)
    if found is None:
        return None
    edits = [trajectory for trajectory in found.trajectories if trajectory.kind == "edit"]
    wanted = decision.candidate if decision else None
    makers = {entry.by for entry in found.entries if wanted is not None and entry.candidate == wanted}
    return next((trajectory for trajectory in edits if trajectory.id in makers), edits[0] if edits else None)


def has_fewer(run: Run, instance_id: str) -> bool:
    """Tell whether a decided task has fewer editing or test trajectories than the run asks for; given ones are all."""
    if run.config.given or not run.decided(instance_id):
        return False
    found = run.task(instance_id).read(pool.FILE, Pool)
    kinds = [trajectory.kind for trajectory in found.trajectories] if found else None
    asked = run.config.editing, run.config.tests
    return kinds is not None and (kinds.count("edit") < asked[0] or kinds.count("test") < asked[1])


def statuses(run: Run, instance_id: str) -> set[str]:
    """Return all words of ``STATUSES`` that are true of a task now."""
    decision = run.task(instance_id).read("decision.json", Decision)
    if decision is None:
        return {FAILED}
    trajectory = chosen(run, instance_id)
    found = {EXIT_STATUSES[trajectory.ending]} if trajectory else set[str]()
    grades = read_page(run, instance_id).grades.values()
    evaluated = all(grade.outcome != NOT_EVALUATED for grade in grades)
    found |= {FEWER} if has_fewer(run, instance_id) else set()
    return found | ({ABSTAINED} if decision.abstained else set()) | (set() if evaluated else {NOT_EVALUATED})
