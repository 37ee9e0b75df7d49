"""``runoff doctor``: can this host run Runoff, and what to do if not."""

from __future__ import annotations

import typer


def doctor() -> int:
    """Check the installation, sandbox, git, embedded model, disk; exit code 3 when something is missing."""
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
