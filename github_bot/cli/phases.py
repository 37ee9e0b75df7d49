"""``runoff bot start``, ``solve`` and ``publish``: the steps of the workflow's jobs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from github_bot.cli.place import Event, asked, at_github, host, output


def start(event: Event) -> int:
    """Say on the issue that the work begins, where it may.

    It may by the actor's permission and the budget, and where no pull request of the bot's is open for the issue.
    """
    from datetime import UTC, datetime

    from github_bot.errors import Refused
    from github_bot.events.request import Ignored
    from github_bot.start import begin

    with at_github() as github:
        request, config = asked(event, github)
        if isinstance(request, Ignored):
            output(go="no", verb="none")
            typer.echo(f"Nothing to do: {request.reason}.")
            return 0
        try:
            begun = begin(request, config, github, now=datetime.now(UTC), host=host(), where=_where())
        except Refused as refused:
            output(go="no", verb="none")
            typer.echo(f"Not done: {refused}.")
            return 0
    output(
        go="yes" if begun.works else "no",
        verb=begun.request.verb,
        budget=f"{begun.budget:.2f}",
        issue=str(begun.request.issue),
    )
    return 0


def solve(
    event: Event,
    artifact: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="The folder of the artifact.")],
    budget: Annotated[float, typer.Option(metavar="DOLLARS", min=0.0, help="US dollars that were granted.")],
    records: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where runs are kept.  [default: the user's state]")
    ] = None,
    model: Annotated[
        str,
        typer.Option("-m", "--model", metavar="NAME", help="A litellm model string; the repository's own goes first."),
    ] = "",
) -> int:
    """Work on what was asked and leave an artifact; post nothing.

    The token needs to read alone.
    """
    import tempfile

    from github_bot.artifact import write_artifact
    from github_bot.events.refusal import allowed
    from github_bot.events.request import Ignored
    from github_bot.operator import operator_said
    from github_bot.solve.means import Means, default_records, fetching
    from github_bot.solve.solving import solve as solve_request
    from swebench_runs.cli import leave_at_once
    from swebench_runs.cli.terminal import terminal

    with at_github() as github, tempfile.TemporaryDirectory(prefix="runoff-bot-") as folder:
        request, config = asked(event, github)
        if isinstance(request, Ignored):
            typer.echo(f"Nothing to do: {request.reason}.")
            return 0
        request = allowed(request, config, github, host())
        operator = operator_said()
        config = operator.held(config) if operator else config
        checkout = fetching(github, request.repository, Path(folder))
        console = terminal(stderr=True)
        means = Means(github, checkout, records or default_records(), console, budget, model, operator=operator)
        made = solve_request(request, config, means)
    write_artifact(made, artifact)
    typer.echo(f"{made.outcome}: {artifact}")
    if made.outcome == "failure":
        # One that was stopped may still wait for an answer of the model, which cannot be called off.
        leave_at_once(0)
    return 0


def publish(
    event: Event,
    artifact: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The folder that `runoff bot solve` wrote.", show_default=False)
    ],
) -> int:
    """Check an artifact and post it, without a model.

    Nothing of the repository is run.
    """
    from github_bot.errors import Refused
    from github_bot.events.refusal import allowed
    from github_bot.events.request import Ignored
    from github_bot.publish import Target, known_secrets, publish_folder

    with at_github() as github:
        request, config = asked(event, github)
        if isinstance(request, Ignored):
            raise Refused(f"nothing is published: {request.reason}")
        request = allowed(request, config, github, host())
        if request.verb == "closed":
            from github_bot.afterwards.closed import close

            typer.echo(close(request, github))
            return 0
        if not artifact.is_dir():
            from github_bot.afterwards.lost import tell_lost

            tell_lost(request, github)
            raise Refused(f"there is no artifact at {artifact}: the first phase ended without a word")
        target = Target(request.repository, request.issue, request.id)
        done = publish_folder(artifact, target, github, known_secrets(os.environ))
    pull = f", pull request #{done.pull_request}" if done.pull_request else ""
    typer.echo(f"Posted: comment {done.comment}{pull}")
    return 0


def _where() -> str:
    """Return the address of this workflow's run; empty outside of one."""
    run = os.environ.get("GITHUB_RUN_ID", "")
    return f"{host()}/{os.environ.get('GITHUB_REPOSITORY', '')}/actions/runs/{run}" if run else ""
