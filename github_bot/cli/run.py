"""``runoff bot run``: a stored event played on a laptop, with what would be posted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from swebench_runs.cli import options


def run(
    event: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A stored event: GitHub's payload as JSON.", show_default=False)
    ] = None,
    issue: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A file of an issue's text, title first: as if its label were set; with --checkout.",
            show_default=False,
        ),
    ] = None,
    checkout: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="A local repository that stands for GitHub: nothing is asked of the network."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be posted; nothing is.")] = False,
    model: options.Model = None,
    profile: options.Profile = None,
    api_base: options.ApiBase = None,
    config: options.Config = [],  # noqa: B006 - typer makes a new list for each call
    records: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where runs are kept.  [default: the user's state]")
    ] = None,
) -> int:
    """Play an event and show what would be posted; nothing is.

    What it asks for, whether it may, what it costs at most and the work are as the workflow would have them. What is
    said here of model and run goes before the repository's own .github/runoff.yml.
    """
    from github_bot.cli.place import at_github, host
    from github_bot.dry_run.local import LocalGitHub, event_of_issue
    from github_bot.dry_run.playing import Play, play
    from github_bot.dry_run.recorder import Recorder
    from github_bot.events.payload import read_payload
    from github_bot.solve.run_config import Word
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.config import load
    from swebench_runs.errors import UsageError

    if not dry_run:
        raise UsageError("`run` plays an event and posts nothing: say --dry-run (a workflow has start, solve, publish)")
    if (event is None) == (issue is None):
        raise UsageError("name what to play: --event FILE, or --issue FILE with --checkout FOLDER")
    if issue is not None and checkout is None:
        raise UsageError("--issue needs a repository: --checkout FOLDER")
    if event is not None:
        payload = read_payload(event)
    else:
        assert issue is not None
        assert checkout is not None
        payload = event_of_issue(issue, checkout)
    given = options.given({"model": model, "api_base": api_base, "profile": profile})
    load(config, given)  # a mistake in them is told here, not on the issue
    word = Word(config, given)
    console, readable = terminal(stderr=True), sys.stdout.isatty()
    if checkout is None:
        with at_github() as github:
            return play(payload, Recorder(github), Play(host(), console, typer.echo, word, records, None, readable))
    how = Play(payload.host, console, typer.echo, word, records, checkout, readable)
    return play(payload, Recorder(LocalGitHub(payload, checkout)), how)
