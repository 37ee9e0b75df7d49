"""The tasks of a run, a line each. What this takes is little, so that a run of thousands of trajectories opens at once:
no more is read of a task than its line tells, and nothing imported that only its records need."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from environments.errors import Foreseen
from swebench_runs.errors import UsageError
from swebench_runs.grades.patch_key import patch_key
from swebench_runs.run_folder.files import read_values
from swebench_runs.run_folder.stored_run import StoredRun

COLUMNS = ("task", "trajectories", "decision", "confidence", "grade")
"""Of ``task_row``."""
NOT_GRADED = "not graded"


def task_row(run: StoredRun, name: str) -> tuple[str, ...]:
    """Return a task's line in the list of tasks; where its files cannot be read, that stands for the decision."""
    folder = run.path / "tasks" / name
    journals = str(_ending_in_jsonl(folder / "trajectories") + (folder / "runoff.jsonl").is_file())
    try:
        decision = _decision(run, name)
        return name, journals, *_told(run, name, decision)
    except Foreseen as error:
        return name, journals, f"cannot be read: {error}", "", ""


def decided_word(candidate: str | None, *, abstained: bool) -> str:
    """Return what was decided, in a word or two."""
    if candidate is None:
        return "no patch"
    return f"abstained ({candidate[:8]})" if abstained else f"patch {candidate[:8]}"


def _told(run: StoredRun, name: str, decision: dict[str, Any] | None) -> tuple[str, str, str]:
    if decision is None:
        return "not done", "", ""
    candidate = decision["candidate"]
    word = decided_word(candidate, abstained=decision["abstained"])
    return (
        word,
        str(decision.get("confidence", "none")),
        grade_told(run, name, candidate, str(decision.get("patch", ""))),
    )


def grade_told(run: StoredRun, name: str, candidate: str | None, patch: str) -> str:
    """Return the grade of what was decided, as the report has it. UsageError where the file of grades is damaged."""
    if candidate is None:
        return "unresolved (no patch)"
    file = run.grading / f"{name}.json"
    grades = (read_values(file) or {}).get("grades", {})
    if not isinstance(grades, dict):
        raise UsageError(f"{file} does not hold grades")
    found = grades.get(patch_key(patch))
    if found is None:
        return NOT_GRADED
    if not isinstance(found, dict) or not isinstance(found.get("outcome"), str):
        raise UsageError(f"{file} does not hold grades")
    return str(found["outcome"])


def _decision(run: StoredRun, name: str) -> dict[str, Any] | None:
    file = run.path / "tasks" / name / "decision.json"
    values = read_values(file)
    if values is None:
        return None
    candidate = values.get("candidate", 0)
    if not (candidate is None or isinstance(candidate, str)) or not isinstance(values.get("abstained"), bool):
        raise UsageError(f"{file} does not hold a decision")
    return values


def _ending_in_jsonl(folder: Path) -> int:
    try:
        with os.scandir(folder) as found:
            return sum(entry.name.endswith(".jsonl") for entry in found)
    except FileNotFoundError:
        return 0
