"""A run as static pages: the tasks, a page for each, and pages for each trajectory.

They load nothing but one style sheet beside them and run no script; what is shown is escaped, its control characters
made visible, and a content security policy forbids the rest should that ever fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from environments.errors import Foreseen
from environments.text import one_line
from swebench_runs.errors import UsageError
from swebench_runs.figures.palette import style_sheet
from swebench_runs.figures.report.ballot_view import coloured
from swebench_runs.figures.report.templating import environment
from swebench_runs.inspector.sections import Diff, Grid, Section, clipped
from swebench_runs.inspector.task_list import COLUMNS, task_row
from swebench_runs.inspector.task_view import task_view
from swebench_runs.inspector.trajectory_view import Step, trajectory_view
from swebench_runs.run_folder.stored_run import StoredRun

_MARK = ".runoff-pages"
"""The file that tells a folder of pages, which may be written again, from anybody's."""
_STEPS, _CHARACTERS = 50, 400_000
"""Of one page of a trajectory, at most (but for one step that is longer)."""


def write_pages(run: StoredRun, folder: Path) -> Path:
    """Write a run's pages into a new or empty folder, or over those of before; returns the first page's path.

    UsageError where the folder holds anything else. A task or trajectory whose files are damaged has a page that says
    so.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()) and not (folder / _MARK).is_file():
        raise UsageError(f"{folder} holds other files: name a folder that is new or empty")
    (folder / _MARK).touch()
    (folder / "style.css").write_text(style_sheet() + _template("inspector.css").render())
    title = f"{run.id}: {run.model}"
    rows = [(_link(name), task_row(run, name)) for name in run.instances]
    _write(folder / "index.html", "run.html.jinja", root="", title=title, columns=COLUMNS, rows=rows)
    for name in run.instances:
        _task(run, name, folder / name)
    return folder / "index.html"


def _task(run: StoredRun, name: str, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    names = {path.stem: _file(path.stem, place) for place, path in enumerate(run.task(name).journals())}
    try:
        view = task_view(run, name)
    except Foreseen as error:
        told = Section("This task's files cannot be read", one_line(str(error)))
        trajectories, sections = [(names[one], one, "") for one in names], [told]
    else:
        trajectories = [(names[one], one, did) for one, did in view.trajectories]
        not_done = Section("The machine failed", "\n".join(view.not_done)) if view.not_done else None
        parts = (view.issue, view.executed, view.ballot, view.decision, view.patch, *view.candidates, not_done)
        sections = [part for part in parts if part is not None]
    page = folder / "index.html"
    _write(page, "task.html.jinja", root="../", title=f"{run.id} > {name}", parts=sections, trajectories=trajectories)
    for trajectory, file in names.items():
        _trajectory(run, name, trajectory, folder / file)


def _trajectory(run: StoredRun, name: str, trajectory: str, file: Path) -> None:
    try:
        steps: Sequence[Step] = trajectory_view(run, name, trajectory)
    except Foreseen as error:
        steps = [Step("", (Section("This record cannot be read", one_line(str(error))),))]
    pages = list(_paged(steps))
    files = [file if not number else file.with_suffix(f".{number + 1}.html") for number in range(len(pages))]
    links = [(str(number), one.name) for number, one in enumerate(files, start=1)]
    title = f"{run.id} > {name} > {trajectory}"
    for number, (one, page) in enumerate(zip(files, pages, strict=True), start=1):
        _write(one, "trajectory.html.jinja", root="../", title=title, steps=page, pages=links, here=str(number))


def _paged(steps: Sequence[Step]) -> Iterator[list[Step]]:
    page: list[Step] = []
    room = _CHARACTERS
    for step in steps:
        size = sum(min(len(str(section.body)), _CHARACTERS) for section in step.sections) + len(step.output)
        if page and (len(page) == _STEPS or size > room):
            yield page
            page, room = [], _CHARACTERS
        page.append(step)
        room -= size
    yield page


def _file(trajectory: str, place: int) -> str:
    """Name a trajectory's first page after it, where its name is one that Runoff gives."""
    return f"{trajectory}.html" if re.fullmatch(r"[a-z]+(-\d{1,9})?", trajectory) else f"{place}.html"


def _link(instance: str) -> str:
    return f"{instance}/index.html"  # ids are of letters, digits and _ . + - (plain_id)


def _write(path: Path, template: str, **values: Any) -> None:
    path.write_text(_template(template).render(values), encoding="utf-8")


@cache
def _template(name: str) -> jinja2.Template:
    found = environment("swebench_runs.inspector")
    found.filters.update({"coloured": coloured, "clipped": clipped, "one_line": one_line})
    found.tests.update({"diff": lambda body: isinstance(body, Diff), "grid": lambda body: isinstance(body, Grid)})
    return found.get_template(name)
