"""The verbs, put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from swebench_runs import __version__
from swebench_runs.cli import (
    bot,
    clean,
    doctor,
    export,
    fix,
    grade,
    images,
    inspect,
    merge,
    model,
    report,
    run,
    select,
    status,
    synth,
    validate,
    verifier,
)
from swebench_runs.cli.bench import verbs as bench
from swebench_runs.cli.verbs import Verbs

app = typer.Typer(
    name="runoff",
    cls=Verbs,
    help="Resolve GitHub issues with test-time compute: many trajectories, tests that vote, a final run-off.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"runoff {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Log more, and show tracebacks; works anywhere.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take the options that belong to no verb; ``--debug`` is read by ``main``."""


for _verb in (
    run.run,
    fix.fix,
    select.select,
    grade.grade,
    report.report,
    export.export,
    validate.validate,
    inspect.inspect,
    status.status,
    merge.merge,
    clean.clean,
    doctor.doctor,
):
    app.command()(_verb)
for _group, _name in (
    (images.app, "images"),
    (model.app, "model"),
    (synth.app, "synth"),
    (bench.app, "bench"),
    (verifier.app, "verifier"),
    (bot.app, "bot"),
):
    app.add_typer(_group, name=_name)


def run_app(arguments: Sequence[str]) -> int:
    """Run one command line; returns its exit code. Usage errors are told in one line."""
    try:
        result = app(list(arguments), prog_name="runoff", standalone_mode=False)
    except typer.Exit as ended:
        return ended.exit_code
    except typer.Abort:
        return 130
    except typer.TyperException as error:
        typer.echo(f"runoff: {error.format_message()} (see --help)", err=True)
        return error.exit_code
    return result if isinstance(result, int) else 0
