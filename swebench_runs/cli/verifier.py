"""``runoff verifier``: fit verifiers on graded patches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Fit verifiers on graded patches.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep ``fit`` a verb of its own while it is the only one."""


@app.command()
def fit(
    pool: Annotated[
        list[Path],
        typer.Argument(
            help="Graded patches: JSONL files (instance_id, model_patch, resolved), or graded runs' folders."
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="Write the fitted file here.")],
    statements: Annotated[
        list[Path], typer.Option(help="SWE-bench rows with the problem statements; repeatable.")
    ] = [],  # noqa: B006 - typer makes a new list for each call
    seed: Annotated[int, typer.Option(help="Seed of folds, subsets and boosting.")] = 0,
    validate: Annotated[
        bool, typer.Option("--validate/--no-validate", help="Cross-validate by repository, for the training report.")
    ] = True,
) -> None:
    """Fit the consensus verifier, for the option --verifier of `runoff select` and `runoff bench selection`."""
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.files import write_whole
    from swebench_runs.fitting import fit as fit_consensus
    from swebench_runs.fitting import validated
    from swebench_runs.fitting.validation import summary_of
    from swebench_runs.graded_pools import read_pools

    console = terminal()
    tasks = read_pools(pool, statements)
    model = fit_consensus(tasks, seed=seed)
    if validate:
        model = validated(model, tasks, seed=seed, tell=console.print)
    write_whole(output, model.model_dump_json() + "\n")
    console.print(summary_of(model), markup=False, highlight=False)
    console.print(f"Written: {output}", markup=False, highlight=False)
