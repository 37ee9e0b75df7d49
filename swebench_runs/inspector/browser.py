"""A run in the terminal, to walk through: tasks, a task's trajectories, ballot and patches, a trajectory's steps.

    Browser(Run.load(path)).run()

Nothing is read before it is asked for but what the list of tasks needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Input, Static, TabbedContent, TabPane

from environments.errors import Foreseen
from environments.text import amount, one_line
from swebench_runs.inspector.rendered import cell, rendered
from swebench_runs.inspector.sections import Grid, Section
from swebench_runs.inspector.task_view import COLUMNS, TaskView, task_row, task_view
from swebench_runs.inspector.trajectory_view import Step, trajectory_view
from swebench_runs.run_folder.store import Run

_BACK: list[BindingType] = [("escape,backspace", "app.pop_screen", "Back")]


class Browser(App[None]):
    """The browser of one run."""

    CSS = """
    .title { padding: 0 1; background: $primary; color: $text; height: 1; }
    #filter { display: none; border: none; height: 1; padding: 0 1; }
    #filter.open { display: block; }
    DataTable { height: 1fr; }
    TabPane { padding: 0 1; }
    #steps { width: 2fr; }
    #step { width: 3fr; padding: 0 1; border-left: solid $primary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("q", "quit", "Quit")]
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = "DataTable"

    def __init__(self, run: Run) -> None:
        """``run`` is read while it is browsed, and never written to."""
        super().__init__()
        self.stored = run

    def get_default_screen(self) -> Screen[None]:
        """Begin with the list of tasks."""
        return TasksScreen(self.stored)


class TasksScreen(Screen[None]):
    """The list of tasks."""

    BINDINGS: ClassVar[list[BindingType]] = [("slash", "filter", "Filter")]

    def __init__(self, run: Run) -> None:
        """Of ``run``."""
        super().__init__()
        self._run = run
        self._rows = [task_row(run, name) for name in run.instances]

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield _title(f"{self._run.id}: {self._run.config.model}, {amount(len(self._rows), 'task')}")
        yield Input(placeholder="words that a task's line must hold", id="filter")
        yield _table(COLUMNS)
        yield Footer()

    def on_mount(self) -> None:
        """Show every task."""
        self._show("")

    def action_filter(self) -> None:
        """Ask for words."""
        asked = self.query_one(Input)
        asked.add_class("open")
        asked.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the tasks whose line holds every word."""
        self._show(event.value)

    def on_input_submitted(self) -> None:
        """Go to the list."""
        self.query_one(DataTable).focus()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Open a task."""
        name = str(event.row_key.value)
        try:
            self.app.push_screen(TaskScreen(self._run, task_view(self._run, name)))
        except Foreseen as error:
            self.notify(one_line(str(error)), severity="error", markup=False)

    def _show(self, wanted: str) -> None:
        words = wanted.lower().split()
        rows = [row for row in self._rows if all(word in " ".join(row).lower() for word in words)]
        _fill(self.query_one(DataTable), rows)


class TaskScreen(Screen[None]):
    """One task."""

    BINDINGS: ClassVar[list[BindingType]] = _BACK

    def __init__(self, run: Run, view: TaskView) -> None:
        """``view`` is of a task of ``run``."""
        super().__init__()
        self._run, self._view = run, view

    def compose(self) -> ComposeResult:
        """Lay it out: a tab for each part that there is."""
        view = self._view
        yield _title(f"{self._run.id} > {view.name}")
        failed = Section("The machine failed", "\n".join(view.not_done)) if view.not_done else None
        with TabbedContent(initial="trajectories"):
            with TabPane("Trajectories", id="trajectories"):
                yield _table(("trajectory", "what it did"), id="list")
            if view.ballot and isinstance(view.ballot.body, Grid):
                with TabPane("Ballot", id="ballot"):
                    yield _table(view.ballot.body.columns, id="votes")
            for name, sections in (
                ("Issue", (view.issue, view.executed)),
                ("Decision", (view.decision, view.patch, failed)),
                ("Candidates", view.candidates),
            ):
                if any(sections):
                    with TabPane(name, id=name.lower()), VerticalScroll():
                        yield _text(rendered(sections))
        yield Footer()

    def on_mount(self) -> None:
        """List the trajectories and the votes."""
        table = self.query_one("#list", DataTable)
        _fill(table, self._view.trajectories)
        table.focus()
        ballot = self._view.ballot
        if ballot and isinstance(ballot.body, Grid):
            _fill(self.query_one("#votes", DataTable), ballot.body.rows, numbered=True)

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Open a trajectory; a vote has nothing more to show."""
        if event.data_table.id != "list":
            return
        name = str(event.row_key.value)
        try:
            steps = trajectory_view(self._run, self._view.name, name)
        except Foreseen as error:
            self.notify(one_line(str(error)), severity="error", markup=False)
            return
        self.app.push_screen(TrajectoryScreen(f"{self._run.id} > {self._view.name} > {name}", steps))


class TrajectoryScreen(Screen[None]):
    """One trajectory: its steps on the left, the one under the cursor on the right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *_BACK,
        ("space", "page(1)", "Read on"),
        ("b", "page(-1)", "Read back"),
    ]

    def __init__(self, title: str, steps: Sequence[Step]) -> None:
        """``title`` says whose ``steps`` these are."""
        super().__init__()
        self._title, self._steps = title, steps

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield _title(self._title)
        with Horizontal():
            yield _table(("step",), id="steps")
            with VerticalScroll(id="step"):
                yield _text("")
        yield Footer()

    def on_mount(self) -> None:
        """List the steps."""
        _fill(self.query_one(DataTable), [(step.title,) for step in self._steps], numbered=True)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Show the step under the cursor."""
        step = self._steps[event.cursor_row]
        output = Section("output:", step.output) if step.output else None
        pane = self.query_one("#step", VerticalScroll)
        pane.query_one(Static).update(rendered([*step.sections, output]))
        pane.scroll_home(animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll the step by so many pages."""
        pane = self.query_one("#step", VerticalScroll)
        pane.scroll_relative(y=pages * max(pane.size.height - 1, 1), animate=False)


def _title(text: str) -> Static:
    return Static(Text(one_line(text)), classes="title", markup=False)


def _text(content: RenderableType) -> Static:
    return Static(content, markup=False)


def _table(columns: Sequence[str], id: str | None = None) -> DataTable[Text]:
    table: DataTable[Text] = DataTable(
        cursor_type="row", zebra_stripes=True, fixed_columns=int(len(columns) > 1), id=id
    )
    for column in columns:
        table.add_column(cell(column))
    return table


def _fill(table: DataTable[Text], rows: Sequence[Sequence[str]], *, numbered: bool = False) -> None:
    """Put rows in; a row's key is its first cell, or its number where those may be alike."""
    table.clear()
    for number, row in enumerate(rows):
        table.add_row(*map(cell, row), key=str(number) if numbered else row[0])
