"""The pools that a user can fit on: files of graded patches, and graded runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from swebench_runs.after_run.graded_tasks import graded_tasks
from swebench_runs.choosing.labelled_pool import LabelledPatch, LabelledTask, read_pool
from swebench_runs.errors import UsageError
from swebench_runs.figures.metrics import GradedTask
from swebench_runs.rows.datasets import problem_statements
from swebench_runs.run_folder.store import Run


def read_pools(paths: Sequence[Path], statements: Sequence[Path] = ()) -> list[LabelledTask]:
    """Read every pool and put the rows of equal tasks together; tasks in the order of their ids."""
    known = problem_statements(statements)
    found: dict[str, list[LabelledTask]] = {}
    for path in paths:
        for task in _run(path) if path.is_dir() else read_pool(path, known):
            found.setdefault(task.instance_id, []).append(task)
    if not found:
        raise UsageError(
            f"{', '.join(map(str, paths))}: no task with graded patches in it; `runoff grade --all RUN` grades a run's"
        )
    return [_joined(found[name]) for name in sorted(found)]


def _joined(parts: Sequence[LabelledTask]) -> LabelledTask:
    if len(parts) == 1:
        return parts[0]
    statement = next((part.statement for part in parts if part.statement), "")
    return LabelledTask.of(parts[0].instance_id, statement, [row for part in parts for row in part.rows])


def _run(folder: Path) -> list[LabelledTask]:
    """Return a run's tasks; one of whose candidates any has no grade is left out: it would teach what nobody knows."""
    tasks = [task for task in graded_tasks(Run.load(folder)) if task.compared]
    return [LabelledTask.of(task.instance_id, task.statement, _rows(task)) for task in tasks]


def _rows(task: GradedTask) -> list[LabelledPatch]:
    """Return a row per editing trajectory; one without a patch is an attempt that produced none."""
    patches = {candidate.id: candidate.patch for candidate in task.ballot.candidates}
    return [
        LabelledPatch(patch=patches.get(entry.candidate or "", ""), resolved=task.right(entry.candidate))
        for entry in task.editing
    ]
