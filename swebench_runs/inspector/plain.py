"""A run as plain lines, for pipes and scripts; what models and repositories wrote is without control characters."""

from __future__ import annotations

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from environments.text import amount, inert, one_line
from swebench_runs.inspector.sections import Diff, Grid, Section
from swebench_runs.inspector.task_list import COLUMNS, task_row
from swebench_runs.inspector.task_view import task_view
from swebench_runs.inspector.trajectory_view import trajectory_view
from swebench_runs.run_folder.stored_run import StoredRun


def show_run(run: StoredRun, console: Console) -> None:
    """List the tasks with their decisions, and their grades where they were graded."""
    title = Text(one_line(f"{run.id}: {run.model}, {amount(len(run.instances), 'task')}"), style="italic")
    console.print(_table(Grid(COLUMNS, tuple(task_row(run, name) for name in run.instances)), title))


def show_task(run: StoredRun, name: str, console: Console) -> None:
    """Show one task from its issue to its patch. Foreseen where its files are damaged."""
    view = task_view(run, name)
    trajectories = "\n".join(one_line(f"{one}: {did}") for one, did in view.trajectories)
    for section in (view.issue, view.executed, Section("Trajectories", trajectories), view.ballot, view.decision):
        if section:
            _show(section, console)
    if view.patch:
        _body(view.patch, console)
    for line in view.not_done:
        console.print(Text(one_line(line)))


def show_trajectory(run: StoredRun, name: str, trajectory: str, console: Console) -> None:
    """Show a trajectory's record. UsageError where the task has none of that name."""
    for step in trajectory_view(run, name, trajectory):
        for section in step.sections:
            _show(section, console)


def _show(section: Section, console: Console) -> None:
    console.print(Text(f"\n{one_line(section.title)}", style="bold"))
    _body(section, console)


def _body(section: Section, console: Console) -> None:
    if isinstance(section.body, Grid):
        console.print(_table(section.body))
    elif isinstance(section.body, Diff):
        console.print(Syntax(inert(section.body.text), "diff", background_color="default"))
    elif section.body:
        console.print(Text(inert(section.body)))


def _table(grid: Grid, title: Text | None = None) -> Table:
    table = Table(title=title, box=None)
    for column in grid.columns:
        table.add_column(Text(one_line(column)))
    for row in grid.rows:
        table.add_row(*(Text(one_line(cell)) for cell in row))
    return table
