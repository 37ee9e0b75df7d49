"""``runoff bench selection``: every rule on a pool of graded patches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from swebench_runs.run_folder.outputs import output_file


def selection(
    pool: Annotated[
        Path | None,
        typer.Argument(
            metavar="POOL",
            help="Graded patches: JSONL, compressed or not, of instance_id, model_patch, resolved and, for the "
            "controls, source and model; or a graded run's folder. Default: patch_pool.jsonl.gz of the data folder.",
            show_default=False,
        ),
    ] = None,
    json: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            callback=output_file,
            help="Write the figures here; beside them a plot (.svg) and what was fitted (.fits).",
        ),
    ] = None,
    subsets: Annotated[
        int, typer.Option(metavar="N", min=0, help="Subsets of a task for each point of a curve; 0: none.")
    ] = 1000,
    controls: Annotated[bool, typer.Option("--controls/--no-controls", help="Measure the controls too.")] = True,
    verifier: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A consensus verifier of `runoff verifier fit`, instead of the packaged one."
        ),
    ] = None,
    statements: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="SWE-bench rows with the problem statements; repeatable.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of subsets, resamples and fits.")] = 0,
) -> None:
    """Measure each rule on graded patches. How far does it get from a random to a perfect choice?"""
    from swebench_runs.bench.rules import Fitter, Measures, measure_selection
    from swebench_runs.bench.rules.plot import render_plot
    from swebench_runs.bench.rules.terminal import show
    from swebench_runs.choosing.fitted import consensus_verifier
    from swebench_runs.choosing.fitting import fit
    from swebench_runs.choosing.graded_pools import read_pools
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.rows.datasets import PATCH_POOL, data_folder
    from swebench_runs.run_folder.outputs import is_stream, write_output

    console, progress = terminal(), terminal(stderr=True)

    def say(line: str) -> None:
        progress.print(line, markup=False, highlight=False)

    tasks = read_pools([pool or data_folder() / PATCH_POOL], statements or ())
    beside = json if json and not is_stream(json) else None
    fitter = Fitter(fit, seed, beside.with_suffix(".fits") if beside else None, say)
    report = measure_selection(tasks, consensus_verifier(verifier), fitter, Measures(subsets, controls))
    show(report, console)
    if json:
        write_output(json, report.model_dump_json(indent=1) + "\n")
        say(f"Figures: {json}")
    if beside:
        write_output(plot := beside.with_suffix(".svg"), render_plot(report))
        say(f"Plot: {plot}")
