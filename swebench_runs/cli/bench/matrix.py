"""``runoff bench matrix``: what a cell of the vote matrix takes beyond its test."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from swebench_runs.run_folder.outputs import output_file


def matrix(
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the bootstrap.")] = 0,
    image: Annotated[
        str, typer.Option(metavar="IMAGE", help="Image with bash, git and python3 that the engine has.")
    ] = ("runoff/test-base:1"),
    quick: Annotated[bool, typer.Option(help="Few cells: to see that it works.")] = False,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", callback=output_file, help="Write the figures here.")
    ] = None,
) -> None:
    """Time the vote matrix. What a cell takes beyond its test, by forks and by a fresh container for each."""
    from json import dumps

    from rich.console import Console

    from swebench_runs.bench.vote_matrix.measure import matrix_table, measure_matrix
    from swebench_runs.one_task.ground.base_sandbox import prepare_host
    from swebench_runs.run_folder.outputs import write_output

    prepare_host()
    figures = measure_matrix(seed=seed, image=image, quick=quick)
    if json:
        write_output(json, dumps(figures, indent=1) + "\n")
    Console(width=140).print(matrix_table(figures))
