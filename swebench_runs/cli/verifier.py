"""``runoff verifier``: fit verifiers on graded patches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swebench_runs.run_folder.outputs import output_file

if TYPE_CHECKING:
    from swebench_runs.choosing.labelled_pool import LabelledTask
    from verifiers.consensus import Consensus

app = typer.Typer(help="Fit verifiers on graded patches.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep ``fit`` a verb of its own while it is the only one."""


@app.command()
def fit(
    pool: Annotated[
        list[Path],
        typer.Argument(help="Graded patches: files of instance_id, model_patch, resolved; or graded runs' folders."),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", callback=output_file, help="Write the fitted file here.")],
    statements: Annotated[
        list[Path] | None, typer.Option(help="SWE-bench rows with the problem statements; repeatable.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of folds, subsets and boosting.")] = 0,
    validate: Annotated[
        bool, typer.Option("--validate/--no-validate", help="Cross-validate by repository, for the training report.")
    ] = True,
) -> None:
    """Fit the consensus verifier, for the option --verifier of `runoff select` and `runoff bench selection`."""
    from swebench_runs.choosing.fitting import fit as fit_consensus
    from swebench_runs.choosing.graded_pools import read_pools
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.run_folder.outputs import write_output

    console = terminal()

    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    tasks = read_pools(pool, statements or ())
    model = fit_consensus(tasks, seed=seed)
    report = model.report
    say(f"Fitted on {report['candidates']} candidates of {report['tasks']} tasks ({report['pool_hash']}).")
    if validate:
        model = _validated(model, tasks, seed, say)
    write_output(output, model.model_dump_json() + "\n")
    say(f"Written: {output}")


def _validated(model: Consensus, tasks: Sequence[LabelledTask], seed: int, say: Callable[[str], None]) -> Consensus:
    """Return the model with what the bench measures of such a model, cross-validated by repository, in its report."""
    from swebench_runs.bench.rules import Fitter, Measures, measure_selection
    from swebench_runs.choosing.fitting import fit as fit_consensus
    from swebench_runs.figures.report.words import percent

    measured = measure_selection(
        tasks, model, Fitter(fit_consensus, seed, None, say), Measures(subsets=0, controls=False)
    )
    ours, random, oracle = measured.rules.get("consensus"), measured.random.value, measured.oracle.value
    if ours is None:
        say(f"Not cross-validated: {measured.verifier.note}.")
        return model
    say(
        f"Cross-validated by repository: {percent(ours.best, 1)} right (random {percent(random, 1)}, "
        f"oracle {percent(oracle, 1)}), {percent(ours.gap_closed)} of the gap closed."
    )
    figures = {"by": "repository", "seed": seed, "random": random, "oracle": oracle}
    figures |= ours.model_dump(mode="json", exclude={"needs_tests"})
    return model.model_copy(update={"report": {**model.report, "cross_validation": figures}})
