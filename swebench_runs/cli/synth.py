"""``runoff synth``: make tasks out of real packages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swebench_runs.run_folder.outputs import output_file

if TYPE_CHECKING:
    from environments.synthesis.report import SynthReport

app = typer.Typer(help="Make tasks out of real packages.", no_args_is_help=True)


@app.callback()
def _synth() -> None:
    """Make tasks out of real packages."""


@app.command()
def mutate(
    requirement: Annotated[
        str,
        typer.Argument(
            metavar="PACKAGE==VERSION", help="A package of the index that has an sdist.", show_default=False
        ),
    ],
    n: Annotated[int, typer.Option("-n", metavar="N", min=1, help="Tasks to make.")] = 20,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of every draw.")] = 7,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            callback=output_file,
            help="Write the tasks here.  [default: PACKAGE-VERSION-SEED.json]",
        ),
    ] = None,
) -> int:
    """Inject bugs into a package that its own tests find. `runoff run --subset FILE` resolves them."""
    from environments.synthesis.report import synth_mutate
    from environments.synthesis.sdists import SdistError
    from environments.workbench.python_env import PythonEnvironmentError
    from swebench_runs.checkouts.project_environment import read_environment
    from swebench_runs.errors import EnvironmentMissing, Exit, UsageError
    from swebench_runs.one_task.ground.base_sandbox import prepare_host
    from swebench_runs.run_folder.outputs import write_output

    prepare_host()
    try:
        report = synth_mutate(
            requirement,
            n,
            seed,
            declared=lambda tree: read_environment(tree).spec.packages,
            progress=lambda text: typer.echo(text, err=True),
        )
    except ValueError as error:
        raise UsageError(str(error)) from error
    except (SdistError, PythonEnvironmentError) as error:
        raise EnvironmentMissing(str(error)) from error
    file = output or Path(f"{report.package.replace('==', '-')}-{seed}.json")
    write_output(file, report.model_dump_json(indent=1) + "\n")
    _tell(report, file)
    return Exit.DONE if len(report.recipes) == n else Exit.FAILED_TASKS


def _tell(report: SynthReport, file: Path) -> None:
    typer.echo(f"{len(report.recipes)} of {report.asked} tasks made of {report.tried} mutants of {report.package}")
    for reason, count in report.dropped.items():
        typer.echo(f"{count:6} dropped: {reason}")
    typer.echo(f"Tasks: {file} (resolve them with `runoff run --subset {file}`)")
