"""``runoff doctor``: can this host run Runoff, and what to do if not; with a model's name, what that model can do."""

from __future__ import annotations

from typing import Annotated

import typer

from swebench_runs.cli import options


def doctor(
    model: Annotated[
        str | None,
        typer.Option(
            "-m",
            "--model",
            metavar="NAME",
            help="Ask this model one small thing of each kind instead: it costs a little.",
        ),
    ] = None,
    api_base: options.ApiBase = None,
    profile: options.Profile = None,
    config: options.Config = [],  # noqa: B006 - typer makes a new list for each call
) -> int:
    """Check the installation, sandbox, git, model and disk. Exit code 3 when something is missing."""
    if model is None:
        return _of_this_host()
    from swebench_runs.cli.doctor_model import examine
    from swebench_runs.config import load

    return examine(model, load(config, options.given({"model": model, "api_base": api_base, "profile": profile})))


def _of_this_host() -> int:
    from agent.models.local.catalog import CATALOG
    from environments.sandboxes import host
    from environments.sandboxes.docker import about
    from swebench_runs.cli.installation import shared_names
    from swebench_runs.errors import Exit
    from swebench_runs.run_folder.computer import computer, versions

    collisions = shared_names()
    for collision in collisions:
        typer.echo(f"problem: {collision}", err=True)
    for name, value in {**computer(), **versions()}.items():
        typer.echo(f"{name}: {value}")
    for model in CATALOG.values():
        state = "fetched" if model.path.is_file() else f"not fetched (`runoff model fetch {model.name}`)"
        typer.echo(f"model {model.name} ({model.title}): {state}")
    problems = host.diagnose()
    for problem in problems:
        typer.echo(f"problem: {problem}", err=True)
    for remark in host.remarks():
        typer.echo(f"worth knowing: {remark}")
    typer.echo(f"Docker: {about.engine_in_words()}")
    for line in about.report():
        typer.echo(line)
    if not problems:
        typer.echo("this host can sandbox")
    return Exit.ENVIRONMENT if problems or collisions else Exit.DONE
