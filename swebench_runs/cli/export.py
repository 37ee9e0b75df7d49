"""``runoff export``: a run's answers as other tools read them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from swebench_runs.cli import options
from swebench_runs.run_folder.outputs import output_folder


def export(
    run: options.RunFolder,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FOLDER",
            callback=output_folder,
            help="Folder to write to.  [default: RUN/export]",
        ),
    ] = None,
) -> None:
    """Write all_preds.jsonl and mini-swe-agent's trajectories. The latter as ID/ID.traj.json."""
    from environments.text import amount
    from swebench_runs.after_run.exports import export as write
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.run_folder.store import Run

    folder = output or run / "export"
    files = write(Run.load(run), folder)
    count = amount(len(files) - 1, "trajectory", "trajectories")
    terminal().print(f"{count} and {files[0]}", markup=False, highlight=False, soft_wrap=True)
