"""``runoff inspect``: what a run's files say, in the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from swebench_runs.cli import options


def inspect(
    run: options.RunFolder,
    instance: Annotated[str | None, typer.Argument(help="One task; all of them unless given.")] = None,
    trajectory: Annotated[str | None, typer.Argument(help="One of its trajectories, e.g. edit-0.")] = None,
) -> None:
    """Show a run's tasks, one task or one trajectory. Of a task: issue, trajectories, ballot, decision, patch."""
    from swebench_runs.after_run.inspection import show_run, show_task, show_trajectory
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.errors import UsageError
    from swebench_runs.run_folder.store import Run

    stored = Run.load(run)
    console = terminal()
    if instance is None:
        show_run(stored, console)
    elif instance not in stored.instances:
        raise UsageError(f"no task {instance!r} in {run}: `runoff inspect {run}` lists them")
    elif trajectory is None:
        show_task(stored, instance, console)
    else:
        show_trajectory(stored, instance, trajectory, console)
