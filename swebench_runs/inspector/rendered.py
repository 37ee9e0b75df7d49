"""Views as the browser in the terminal draws them: texts that can neither steer the terminal nor mark anything up."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from environments.text import inert, one_line
from swebench_runs.inspector.sections import Diff, Grid, Section, clipped

_CELL = 300
"""Characters of one cell or title."""
_COLUMNS = 8
"""That stand beside each other in a part of a screen."""


def cell(text: str) -> Text:
    """Return a text as one line of a list."""
    return Text(one_line(text, _CELL), no_wrap=True, overflow="ellipsis")


def rendered(sections: Iterable[Section | None]) -> Group:
    """Return sections one below the other, long texts cut; None stands for one that is not there."""
    parts: list[RenderableType] = []
    for section in sections:
        if section is None:
            continue
        parts.append(Text(f"\n{one_line(section.title, _CELL)}", style="bold"))
        if section.body:
            parts.append(_body(section.body))
    return Group(*parts)


def _body(body: str | Diff | Grid) -> RenderableType:
    if isinstance(body, Grid):
        return _table(body)
    if isinstance(body, Diff):
        from rich.syntax import Syntax  # with all languages' highlighting, which the first screen has no use for

        return Syntax(inert(clipped(body.text)), "diff", background_color="default")
    return Text(inert(clipped(body)))


def _table(grid: Grid) -> Table:
    """Draw a table; one of many columns, such as a ballot of many candidates, with its columns as lines."""
    lines = [grid.columns, *grid.rows]
    if len(grid.columns) > _COLUMNS:
        lines = list(zip(*lines, strict=True))
    table = Table(box=None)
    for column in lines[0]:
        table.add_column(cell(column))
    for line in lines[1:]:
        table.add_row(*map(cell, line))
    return table
