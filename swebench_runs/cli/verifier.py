"""``runoff verifier``: fit verifiers on graded patches, and measure judges on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swebench_runs.cli import options
from swebench_runs.run_folder.outputs import output_file

if TYPE_CHECKING:
    from agent.models.profiles import JudgeWorth
    from swebench_runs.calibrating.worth import ScoredTask
    from swebench_runs.choosing.labelled_pool import LabelledTask
    from verifiers.consensus import Consensus

app = typer.Typer(help="Fit verifiers, and measure judges, on graded patches.", no_args_is_help=True)


@app.command()
def fit(
    pool: Annotated[
        list[Path],
        typer.Argument(
            metavar="POOL", help="Graded patches: files of instance_id, model_patch, resolved; or graded runs' folders."
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", callback=output_file, help="Write the fitted file here.")
    ],
    statements: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="SWE-bench rows with the problem statements; repeatable.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of folds, subsets and boosting.")] = 0,
    validate: Annotated[
        bool, typer.Option("--validate/--no-validate", help="Cross-validate by repository, for the training report.")
    ] = True,
) -> None:
    """Fit the consensus verifier. For --verifier of `runoff select` and `runoff bench selection`."""
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


Pool = Annotated[
    list[Path],
    typer.Argument(
        metavar="POOL",
        help="Graded runs' folders, whose judges' scores are on record; or, with -m, any graded patches.",
        show_default=False,
    ),
]
Asked = Annotated[str | None, typer.Option("-m", "--model", metavar="NAME", help="Ask this model about the patches.")]
Judge = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Which judges are asked; repeatable.  [default: p-yes]")
]
Draw = Annotated[int | None, typer.Option(metavar="N", min=1, help="So many tasks, drawn by seed.  [default: all]")]
Most = Annotated[
    int, typer.Option(metavar="N", min=1, help="Right and wrong patches of each task, at most so many each.")
]
Statements = Annotated[
    list[Path] | None, typer.Option(metavar="FILE", help="SWE-bench rows with the problem statements; repeatable.")
]
Answers = Annotated[
    Path, typer.Option(metavar="FOLDER", help="Folder of the answers: the same command goes on with them.")
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        callback=output_file,
        help="Write what was measured here, instead of the user's judges.json.",
    ),
]


@app.command()
def calibrate(
    pool: Pool,
    model: Asked = None,
    judge: Judge = None,
    draw: Draw = None,
    most: Most = 3,
    statements: Statements = None,
    config: options.Config = [],  # noqa: B006 - typer makes a new list for each call
    api_base: options.ApiBase = None,
    workers: options.Workers = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of draws and of what judges draw.")] = 0,
    answers: Answers = Path("calibration"),
    output: Output = None,
) -> int:
    """Measure judges on graded patches. `judge: auto` asks those whose interval lies above chance.

    The measure is the area under the ROC curve within tasks, its interval over repositories.
    """
    from swebench_runs.calibrating.judges_file import keep
    from swebench_runs.calibrating.sources import on_record
    from swebench_runs.calibrating.worth import worth_of
    from swebench_runs.cli.terminal import terminal

    console = terminal()
    found = (
        on_record(pool)
        if model is None
        else _asked(
            pool, model, judge or ["p-yes"], statements or [], config, api_base, workers, draw, most, seed, answers
        )
    )
    if not found:
        console.print("No judge has scored any of these patches: say with -m which model is to be asked.", markup=False)
        return 1
    what = ", ".join(str(path) for path in pool)
    for (name, one), tasks in found.items():
        worth = worth_of(
            tasks, seed=seed, measured=f"{what}, seed {seed}" + (", issue and diffs alone" if model else "")
        )
        for line in _told(name, one, worth, tasks):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        place = keep(name, one, worth, output)
    console.print(f"Written: {place}", markup=False, highlight=False, soft_wrap=True)
    return 0


def _asked(
    pool: list[Path],
    model: str,
    judges: list[str],
    statements: list[Path],
    config: list[str],
    api_base: list[str] | None,
    workers: int | None,
    draw: int | None,
    most: int,
    seed: int,
    answers: Path,
) -> dict[tuple[str, str], list[ScoredTask]]:
    """Ask a model as each judge over the pool's patches."""
    import threading

    from agent.trajectory.budgeted_model import Ledger
    from swebench_runs.calibrating.asking import RecordedAsk, heard_over
    from swebench_runs.calibrating.sources import to_ask
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.config import load
    from swebench_runs.errors import UsageError
    from swebench_runs.many_tasks.models.connecting import connected
    from verifiers.judges import JUDGES

    if unknown := [name for name in judges if name not in JUDGES]:
        raise UsageError(f"no judge {unknown[0]!r}: there are {', '.join(JUDGES)}")
    own = {"model": model, "judge": judges, "api_base": api_base, "workers": workers, "seed": seed}
    settings = load(config, options.given(own) | {"tests": 0, "runoff_turns": 0, "given": True})
    tasks = to_ask(pool, statements, draw=draw, most=most, seed=seed)
    progress, ledger, stop = terminal(stderr=True), Ledger(settings.limits.run), threading.Event()
    answers.mkdir(parents=True, exist_ok=True)
    found = {}
    with connected(settings, stop) as (models, _):
        for judge in judges:
            profile = settings.profile_of(model)
            ask = RecordedAsk(models[model], profile, ledger, answers / f"{judge}.jsonl", seed)
            say = lambda line: progress.print(line, markup=False, highlight=False)  # noqa: E731
            found[model, judge] = heard_over(tasks, judge, ask, at_once=settings.workers, stop=stop, say=say)
    return found


def _told(model: str, judge: str, worth: JudgeWorth, tasks: Sequence[ScoredTask]) -> list[str]:
    """Say what was measured, in lines."""
    from swebench_runs.calibrating.worth import by_repository

    between = f" ({worth.low:.2f} to {worth.high:.2f} over repositories)" if worth.low is not None else ""
    said = f"{worth.auc:.2f}{between}" if worth.auc is not None else "nothing to measure"
    verdict = "earns a say" if worth.earned else "earns no say"
    lines = [
        f"{model} as {judge}: AUC within tasks {said}; {worth.pairs} pairs of {worth.tasks} tasks, "
        f"{worth.missing} patches without a score: it {verdict}."
    ]
    return lines + [f"  {name}: {auc:.2f} of {pairs} pairs" for name, (auc, pairs) in by_repository(tasks).items()]
