"""``runoff merge``: runs of one configuration put together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from swebench_runs.run_folder.outputs import output_folder


def merge(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUNS", help="Folders of runs, those of an array job.", show_default=False)
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FOLDER", callback=output_folder, help="A new run's folder.")
    ],
) -> None:
    """Put runs of the same configuration together. As if one had done the tasks of all; then grade and report it."""
    from environments.text import amount
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.run_folder.merging import differences
    from swebench_runs.run_folder.merging import merge as merged

    run = merged(runs, output)
    console = terminal()
    for line in differences(run):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    decided = sum(run.decided(name) for name in run.instances)
    console.print(
        f"{output}: {amount(len(run.instances), 'task')} of {amount(len(runs), 'run')}, {decided} decided; "
        f"next: runoff grade {output}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
