"""``runoff bench agents``: Runoff's trajectories with tools beside mini-swe-agent's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from swebench_runs.run_folder.outputs import output_file, output_folder


def agents(
    n: Annotated[int, typer.Option("-n", metavar="N", min=1, help="Trajectories of each, taking turns.")] = 5,
    steps: Annotated[int, typer.Option(metavar="N", min=10, help="Answers of each of them.")] = 60,
    long: Annotated[int, typer.Option(metavar="N", min=20, help="Answers of the one by which growth is told.")] = 250,
    live: Annotated[int, typer.Option(metavar="N", min=1, help="Trajectories live at once, in threads.")] = 500,
    held: Annotated[
        int, typer.Option(metavar="N", min=1, help="Whole ones live at once, by which memory is told.")
    ] = 40,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the bootstrap.")] = 0,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", callback=output_file, help="Write the figures here.")
    ] = None,
    embedded: Annotated[
        bool,
        typer.Option(
            "--embedded", help="Instead: who resolves more with the embedded model; the options below are for this."
        ),
    ] = False,
    tasks: Annotated[int, typer.Option(metavar="N", min=1, help="Starter tasks, drawn by the seed.")] = 12,
    written: Annotated[int, typer.Option(metavar="N", min=100, help="Tokens that each may write at each task.")] = 900,
    most: Annotated[
        int, typer.Option(metavar="N", min=0, help="Outcomes made now at most; the same command goes on.")
    ] = 1000,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FOLDER", callback=output_folder, help="Where outcomes are kept.")
    ] = Path("runs/agents-embedded"),
) -> None:
    """Compare with mini-swe-agent in one run. CPU time of a step, memory, many at once, by a scripted model.

    With ``--embedded``: the tasks that each resolves by as many written tokens of the embedded model.
    """
    if embedded:
        from swebench_runs.cli.bench.agents_embedded import compare

        compare(tasks, written, seed, most, output, json)
        return
    from json import dumps

    from rich.console import Console

    from swebench_runs.bench.agents.measure import measure
    from swebench_runs.bench.agents.sides import MINI, RUNOFF
    from swebench_runs.bench.agents.table import tables
    from swebench_runs.one_task.ground.base_sandbox import prepare_host
    from swebench_runs.run_folder.outputs import write_output

    prepare_host()
    figures = measure(n, seed=seed, steps=steps, long=long, live=live, held=held)
    if json:
        write_output(json, dumps(figures, indent=1) + "\n")
    for table in tables(figures):
        Console(width=140).print(table)
    ours, theirs = (figures["per_step"][name]["own"] for name in (RUNOFF, MINI))
    typer.echo(
        f"outside model and command: {ours['p50_ms']:.2f} ms a step (target {figures['targets']['own_p50_ms']:g}), "
        f"{MINI} {theirs['p50_ms']:.2f} ms: {theirs['p50_ms'] / ours['p50_ms']:.2f} times as much (n = {ours['n']} "
        f"steps); from step 10 to step 240 it grows {figures['curve'][RUNOFF]['last_to_first']:.2f} times"
    )
