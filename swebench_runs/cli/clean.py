"""``runoff clean``: remove what killed runs left on this host and on its Docker engine."""

from __future__ import annotations

import typer

from environments.text import one_line


def clean() -> None:
    """Remove what dead runs left behind. Sandboxes, control groups, containers, images, volumes."""
    from swebench_runs.one_task.ground.base_sandbox import remove_leftovers

    removed = remove_leftovers()
    for what in removed:
        typer.echo(f"removed {one_line(what)}")
    typer.echo(f"{len(removed)} left-overs removed" if removed else "nothing to remove")
