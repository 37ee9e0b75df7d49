"""The verbs of ``runoff bot``, put together."""

from __future__ import annotations

import typer

from github_bot.cli import install, phases, run, serve

app = typer.Typer(
    help="Answer issues on GitHub. A workflow of two phases, with a wall between them.", no_args_is_help=True
)
for _verb in (install.init, install.doctor, run.run, phases.start, phases.solve, phases.publish, serve.serve):
    app.command()(_verb)
