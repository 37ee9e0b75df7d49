"""A split of a SWE-bench data set's rows: trees are commits of real repositories, in images that their tests run in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from environments.sandboxes.contract import Sandbox
from environments.specs import SpecError, find_spec, known_versions
from environments.task import EnvironmentSpec, Task
from swebench_runs.errors import RunoffError
from swebench_runs.figures.metrics import StatementKind
from swebench_runs.grades.grading import Grader
from swebench_runs.grades.row_grading.grader import row_grader
from swebench_runs.rows import Row, Rows, task, tasks_of
from swebench_runs.splits.row_bases import RowBases, RowOptions


class RowSplit:
    """A ``Split`` of rows. Its tasks are all that leaves this room: the rows hold what grades them."""

    can_grade = True

    def __init__(self, rows: Rows, options: RowOptions) -> None:
        """``options``: where repositories, images and sandboxes come from."""
        self.name = rows.name
        self.source: Mapping[str, str] = {**rows.source.model_dump(exclude_none=True), "pinned": rows.source.pinned}
        tasks, unreadable = tasks_of(rows)
        self.unreadable: Mapping[str, str] = unreadable
        made = {task.instance_id for task in tasks}
        self.rows = {row.instance_id: row for row in rows.rows if row.instance_id in made}
        self._bases = RowBases(options)

    def check_host(self) -> None:
        """Check that this host has the sandbox that was asked for; see ``Split.check_host``."""
        self._bases.check_host()

    def tasks(self) -> list[Task]:
        """Return the tasks, in the order of the data set."""
        return [task(row, environment(row)) for row in self.rows.values()]

    @contextmanager
    def open_base(self, task: Task, run_id: str) -> Iterator[Sandbox]:
        """Give the task's base sandbox; see ``Split.open_base``. Its image is made the first time."""
        with self._bases.open(self._row(task.instance_id), run_id, many_forks=True) as (base, _):
            yield base

    def made(self, instance_id: str) -> dict[str, str]:
        """Say how a task's sandbox was made; see ``Split.made``."""
        return self._bases.made.get(instance_id, {})

    def kind(self, instance_id: str) -> StatementKind:
        """Say that people wrote the issue."""
        return "issue"

    def fault(self, instance_id: str) -> None:
        """Say nothing: a row's patch tells places, and not which of them is the bug's."""

    @contextmanager
    def grader(self, task: Task, run_id: str, *, timeout: float, logs: Path) -> Iterator[Grader]:
        """Give what grades a task's patches by its hidden tests; see ``Split.grader``."""
        row = self._row(task.instance_id)
        with self._bases.open(row, f"{run_id}-grading") as (base, spec):
            yield row_grader(row, base, spec, timeout=timeout, logs=logs)

    def _row(self, instance_id: str) -> Row:
        if instance_id not in self.rows:
            raise RunoffError(f"the split {self.name} has no task {instance_id}")
        return self.rows[instance_id]


def environment(row: Row) -> EnvironmentSpec:
    """Return what agents may know of how a row's repository is run: its own tests' command, nothing of the row's.

    A row that says no version is told its repository's newest here; its image is made for the version that its tree
    says. Nothing where nobody knows the repository: its tasks then fail when their sandbox is made.
    """
    versions = known_versions(row.repo)
    try:
        spec = find_spec(row.repo, row.version or (versions[-1] if versions else ""))
    except SpecError:
        return EnvironmentSpec()
    return EnvironmentSpec(
        python=spec.python, python_path=(".", "src"), test_command=spec.test_command, log_parser=spec.log_parser
    )
