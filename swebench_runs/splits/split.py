"""What every split of tasks can do, wherever its tasks come from."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from environments.sandboxes.contract import Sandbox
from environments.task import Task
from swebench_runs.figures.metrics import StatementKind
from swebench_runs.grades.grading import Grader


class Split(Protocol):
    """A named list of tasks. Everything beyond ``tasks`` and ``open_base`` is for grading and reports alone."""

    name: str
    can_grade: bool
    source: Mapping[str, str]
    """Where its rows came from, with their hash, for a run's header; empty where the name alone tells."""

    unreadable: Mapping[str, str]
    """What stands where a task should and is none, by its id or place -> why, in a line."""

    def check_host(self) -> None:
        """Check that this host can sandbox its tasks, and remove what a killed run has left behind.

        Raises EnvironmentMissing, in one line that says what to do.
        """
        ...

    def tasks(self) -> list[Task]:
        """Return the tasks, in the order of the split."""
        ...

    def open_base(self, task: Task, run_id: str) -> AbstractContextManager[Sandbox]:
        """Give a new sandbox whose tree is the task's, as one commit, with what its repository needs to run.

        Raises EnvironmentMissing, RunoffError and SandboxError, each in one line that says what to do.
        """
        ...

    def made(self, instance_id: str) -> dict[str, str]:
        """Say how a task's last sandbox was made, beyond what its task says: for the record, and no grading data."""
        ...

    def kind(self, instance_id: str) -> StatementKind:
        """Say how a task's statement shows the bug; every figure is split by it."""
        ...

    def fault(self, instance_id: str) -> tuple[str, str] | None:
        """Return the file and the symbol that hold a task's bug; None where nobody can tell."""
        ...

    def grader(self, task: Task, run_id: str, *, timeout: float, logs: Path) -> AbstractContextManager[Grader]:
        """Give what grades patches of a task, one after the other, in sandboxes of their own.

        ``timeout``: in seconds, for one run of the hidden tests. ``logs``: a folder for what evaluations print, where
        the split has such. Raises as ``open_base``.
        """
        ...
