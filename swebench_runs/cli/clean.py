"""``runoff clean``: remove what killed runs left on this host."""

from __future__ import annotations

import typer


def clean() -> None:
    """Remove sandboxes and control groups whose owner is gone; nothing that belongs to a living run."""
    from environments import leftovers

    removed = leftovers.clean()
    for what in removed:
        typer.echo(f"removed {what}")
    typer.echo(f"{len(removed)} left-overs removed" if removed else "nothing to remove")
