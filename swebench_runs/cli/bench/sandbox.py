"""``runoff bench sandbox``: what sandboxes cost, of every kind."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from swebench_runs.run_folder.outputs import output_file


def sandbox(
    n: Annotated[
        int, typer.Option("-n", metavar="N", min=1, help="Sandboxes of each kind at each count, at least.")
    ] = 10,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the bootstrap.")] = 0,
    image: Annotated[
        str, typer.Option(metavar="IMAGE", help="Image with bash that the Docker engine has.")
    ] = "runoff/test-base:1",
    at: Annotated[
        list[int] | None, typer.Option(metavar="N", min=1, help="Sandboxes at once; repeatable.  [default: 1, 8, 32]")
    ] = None,
    mini: Annotated[bool, typer.Option(help="Measure mini-swe-agent's Docker environment beside ours.")] = True,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", callback=output_file, help="Write the figures here.")
    ] = None,
) -> None:
    """Time every kind of sandbox. Create, round trip, fork and remove, and a fork beside a plain subprocess."""
    from json import dumps

    from rich.console import Console

    from swebench_runs.bench.sandboxes.measure import COUNTS, measure
    from swebench_runs.bench.sandboxes.table import tables
    from swebench_runs.one_task.ground.base_sandbox import prepare_host
    from swebench_runs.run_folder.outputs import write_output

    prepare_host()
    figures = measure(n, seed=seed, image=image, counts=at or COUNTS, with_mini=mini)
    if json:
        write_output(json, dumps(figures, indent=1) + "\n")
    for table in tables(figures):
        Console(width=140).print(table)
    ours, plain = figures["bubblewrap"]["fork_run_close"], figures["subprocess"]["run"]
    low, high = ours["p50_interval_ms"]
    typer.echo(
        f"bubblewrap fork + run + close: p50 {ours['p50_ms']:.1f} ms [{low:.1f}, {high:.1f}], p95 {ours['p95_ms']:.1f} "
        f"ms; a plain subprocess: p50 {plain['p50_ms']:.1f} ms (n = {ours['n']})"
    )
