"""A run in the terminal, to walk through: tasks, a task's parts and trajectories, a trajectory's steps.

    Browser(Run.load(path)).run()

One screen shows every level (``levels.py``): a new one for each would take a tenth of a second to draw.
"""

from __future__ import annotations

import gc
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import DataTable, Footer, Input, Static

from environments.errors import Foreseen
from environments.text import one_line
from swebench_runs.inspector.levels import Level, get_ready, run_level
from swebench_runs.inspector.rendered import cell, rendered
from swebench_runs.run_folder.stored_run import StoredRun


class Browser(App[None]):
    """The browser of one run."""

    CSS = """
    #title { padding: 0 1; background: $primary; color: $text; height: 1; }
    #filter { display: none; border: none; height: 1; padding: 0 1; }
    #filter.open { display: block; }
    DataTable { width: 2fr; }
    #pane { width: 3fr; padding: 0 1; border-left: solid $primary; }
    #pane.closed { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "back", "Back"),
        ("slash", "filter", "Filter"),
        ("space", "page(1)", "Read on"),
        ("b", "page(-1)", "Read back"),
        ("q", "quit", "Quit"),
    ]
    TITLE = "runoff inspect"
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = "DataTable"

    def __init__(self, run: StoredRun) -> None:
        """``run`` is read while it is browsed, and never written to."""
        super().__init__()
        self.animation_level = "none"
        self._levels = [run_level(run)]
        self._above: list[tuple[str, int]] = []
        """The words of the filter, and the row, that each level was left at."""
        self._rows: list[int] = []
        """The rows of the level that the filter leaves, in order."""

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Static(id="title", markup=False)
        yield Input(placeholder="words that a line must hold", id="filter")
        with Horizontal():
            yield DataTable[Text](cursor_type="row", zebra_stripes=True)
            with VerticalScroll(id="pane"):
                yield Static(id="shown", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Begin with the list of tasks; what the levels below it need is made ready once it stands."""
        self._enter_level()
        self.call_after_refresh(self.run_worker, _get_ready, thread=True)

    @property
    def level(self) -> Level:
        """The level that is shown."""
        return self._levels[-1]

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Open what a row leads to; what cannot be read is told, and the level stays."""
        row = self._rows[event.cursor_row]
        try:
            below = self.level.below(row)
        except Foreseen as error:
            self.notify(one_line(str(error)), severity="error", markup=False)
            return
        if below:
            self._above.append((self.query_one(Input).value, event.cursor_row))
            self._levels.append(below)
            self._enter_level()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Show what stands beside the row under the cursor."""
        if self.level.shown and event.cursor_row < len(self._rows):
            pane = self.query_one("#pane", VerticalScroll)
            self.query_one("#shown", Static).update(rendered(self.level.shown(self._rows[event.cursor_row])))
            pane.scroll_home(animate=False)

    def action_back(self) -> None:
        """Leave the filter, else the level."""
        words = self.query_one(Input)
        if self.focused is words:
            self.query_one(DataTable).focus()
        elif self._above:
            del self._levels[-1]
            self._enter_level(*self._above.pop())

    def action_filter(self) -> None:
        """Ask for words."""
        words = self.query_one(Input)
        words.add_class("open")
        words.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the rows that hold every word."""
        self._fill(event.value)

    def on_input_submitted(self) -> None:
        """Go to the list."""
        self.query_one(DataTable).focus()

    def action_page(self, pages: int) -> None:
        """Scroll what is shown by so many pages."""
        pane = self.query_one("#pane", VerticalScroll)
        pane.scroll_relative(y=pages * max(pane.size.height - 1, 1), animate=False)

    def _enter_level(self, words: str = "", row: int = 0) -> None:
        self.query_one("#title", Static).update(Text(one_line(self.level.title)))
        self.query_one("#pane").set_class(self.level.shown is None, "closed")
        table, asked = self.query_one(DataTable), self.query_one(Input)
        table.clear(columns=True)
        for column in self.level.columns:
            table.add_column(cell(column))
        with asked.prevent(Input.Changed):
            asked.value = words
        asked.set_class(bool(words), "open")
        self._fill(words)
        table.move_cursor(row=row)
        table.focus()

    def _fill(self, words: str) -> None:
        wanted, table = words.lower().split(), self.query_one(DataTable)
        lines = [" ".join(row).lower() for row in self.level.rows]
        self._rows = [place for place, line in enumerate(lines) if all(word in line for word in wanted)]
        table.clear()
        table.add_rows(map(cell, self.level.rows[place]) for place in self._rows)


def _get_ready() -> None:
    get_ready()
    gc.freeze()  # modules are no garbage: looking them through again would hold up a page for a tenth of a second
