"""``runoff bot init`` and ``runoff bot doctor``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer


def init(
    action: Annotated[
        str,
        typer.Option(
            metavar="OWNER/NAME@COMMIT",
            help="The Runoff that runs: OWNER/NAME@COMMIT, the commit whole.",
            show_default=False,
        ),
    ],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The checkout to write into.")] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Write files anew that are there.")] = False,
) -> int:
    """Write the workflow and .github/runoff.yml into a checkout."""
    from github_bot.install.writing import install

    for line in install(path, action, force=force):
        typer.echo(line)
    return 0


def doctor(
    repository: Annotated[
        str, typer.Argument(metavar="OWNER/NAME", help="OWNER/NAME; the token is $GITHUB_TOKEN.", show_default=False)
    ],
) -> int:
    """Say what a repository lacks for the bot.

    Looked up before anything costs money: configuration, workflow, label, whether workflows may open pull requests, the
    variables that name the model, the secret, rules of branches.
    """
    from github_bot.cli.place import at_github
    from github_bot.install.examining import examine
    from swebench_runs.errors import UsageError

    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise UsageError(f"{repository!r} names no repository: write OWNER/NAME")
    worst = 0
    with at_github() as github:
        for finding in examine(repository, github):
            typer.echo(f"{finding.state:8}{finding.what}")
            worst = max(worst, finding.state == "bad")
    return int(worst)
