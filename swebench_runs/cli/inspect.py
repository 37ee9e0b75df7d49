"""``runoff inspect``: what a run's files say, in the terminal or as pages."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swebench_runs.cli import options

if TYPE_CHECKING:
    from swebench_runs.run_folder.stored_run import StoredRun


def inspect(
    run: options.RunFolder,
    instance: Annotated[
        str | None, typer.Argument(metavar="INSTANCE", help="One task; all of them unless given.")
    ] = None,
    trajectory: Annotated[
        str | None, typer.Argument(metavar="TRAJECTORY", help="One of its trajectories, e.g. edit-0.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Plain lines in a terminal too, as in a pipe, instead of the browser.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write the whole run as pages of HTML instead.")
    ] = None,
) -> None:
    """Show a run's tasks, one task or one trajectory. In a terminal a browser over all of them opens; else plain lines.

    Of a task: issue, trajectories, ballot, decision, patch.
    """
    from swebench_runs.errors import UsageError
    from swebench_runs.run_folder.stored_run import StoredRun

    stored = StoredRun.load(run)
    if instance is not None and instance not in stored.instances:
        raise UsageError(f"no task {instance!r} in {run}: `runoff inspect {run}` lists them")
    if html is not None:
        from swebench_runs.inspector.pages import write_pages

        if instance is not None:
            raise UsageError("--html writes the whole run: leave the task out")
        typer.echo(f"Pages: {write_pages(stored, html)}")
    elif instance is None and not plain and sys.stdin.isatty() and sys.stdout.isatty():
        from swebench_runs.inspector.browser import Browser

        gc.freeze()  # modules are no garbage: looking them through again would hold up a page for a tenth of a second
        Browser(stored).run()
    else:
        _plain(stored, instance, trajectory)


def _plain(stored: StoredRun, instance: str | None, trajectory: str | None) -> None:
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.inspector.plain import show_run, show_task, show_trajectory

    console = terminal()
    if instance is None:
        show_run(stored, console)
    elif trajectory is None:
        show_task(stored, instance, console)
    else:
        show_trajectory(stored, instance, trajectory, console)
