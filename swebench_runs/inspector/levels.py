"""What the browser walks through: a list at each level, what a row of it shows, and which level it leads to.

What reads a task's records is imported when the first task is opened, or ``get_ready`` called: the list does without.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from environments.text import amount
from swebench_runs.inspector.sections import Section
from swebench_runs.inspector.task_list import COLUMNS, task_row
from swebench_runs.run_folder.stored_run import StoredRun

if TYPE_CHECKING:
    from swebench_runs.inspector.task_view import TaskView
    from swebench_runs.inspector.trajectory_view import Step

Sections = Sequence[Section | None]


@dataclass(frozen=True)
class Level:
    """One list."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shown: Callable[[int], Sections] | None
    """What stands beside a row; None where the list has the screen for itself."""
    below: Callable[[int], Level | None]
    """The level that a row leads to, if any. Foreseen, in one line, where its files are damaged."""


def get_ready() -> None:
    """Import what the levels below the list of tasks need."""
    from swebench_runs.inspector import task_view, trajectory_view  # noqa: F401


def run_level(run: StoredRun) -> Level:
    """Return the tasks of a run."""
    title = f"{run.id}: {run.model}, {amount(len(run.instances), 'task')}"
    rows = tuple(task_row(run, name) for name in run.instances)
    return Level(title, COLUMNS, rows, None, lambda row: task_level(run, run.instances[row]))


def task_level(run: StoredRun, name: str) -> Level:
    """Return the trajectories of a task, after its other parts. Foreseen where its files are damaged."""
    from swebench_runs.inspector.task_view import task_view

    view = task_view(run, name)
    parts = list(_parts(view).items())
    rows = [(title, "") for title, _ in parts] + list(view.trajectories)

    def shown(row: int) -> Sections:
        if row < len(parts):
            return parts[row][1]
        trajectory, did = view.trajectories[row - len(parts)]
        return (Section(trajectory, f"{did}\n\nEnter shows its steps."),)

    def below(row: int) -> Level | None:
        return None if row < len(parts) else trajectory_level(run, name, view.trajectories[row - len(parts)][0])

    return Level(f"{run.id} > {name}", ("part", "trajectory"), tuple(rows), shown, below)


def trajectory_level(run: StoredRun, name: str, trajectory: str) -> Level:
    """Return the steps of a trajectory. Foreseen where its record is damaged."""
    from swebench_runs.inspector.trajectory_view import trajectory_view

    steps = trajectory_view(run, name, trajectory)
    title, rows = f"{run.id} > {name} > {trajectory}", tuple((step.title,) for step in steps)
    return Level(title, ("step",), rows, lambda row: _step(steps[row]), lambda row: None)


def _parts(view: TaskView) -> dict[str, Sections]:
    """Return the parts of a task that there are, by title."""
    failed = Section("The machine failed", "\n".join(view.not_done)) if view.not_done else None
    parts: dict[str, Sections] = {
        "Issue": (view.issue, view.executed),
        "Decision": (view.decision, view.patch, failed),
        "Ballot": (view.ballot,),
        **{candidate.title: (candidate,) for candidate in view.candidates},
    }
    return {title: sections for title, sections in parts.items() if any(sections)}


def _step(step: Step) -> Sections:
    return (*step.sections, Section("output:", step.output) if step.output else None)
