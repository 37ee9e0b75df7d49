"""``runoff bot run``: a stored event played on a laptop, with what would be posted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def run(
    event: Annotated[
        Path | None, typer.Option(help="A stored event: GitHub's payload as JSON.", show_default=False)
    ] = None,
    issue: Annotated[
        Path | None, typer.Option(help="Or an issue's text: as if its label were set.", show_default=False)
    ] = None,
    checkout: Annotated[
        Path | None, typer.Option(help="A local repository that stands for GitHub: nothing is asked of the network.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be posted; nothing is.")] = False,
    model: Annotated[
        str, typer.Option("-m", "--model", help="A litellm model string.  [default: the embedded model]")
    ] = "",
    records: Annotated[Path | None, typer.Option(help="Where runs are kept.  [default: the user's state]")] = None,
) -> int:
    """Play an event: what it asks for, whether it may, what it costs at most, the work, and what would be posted."""
    from github_bot.cli.place import at_github, host
    from github_bot.dry_run.local import LocalGitHub, event_of_issue
    from github_bot.dry_run.playing import Play, play
    from github_bot.dry_run.recorder import Recorder
    from github_bot.events.payload import read_payload
    from swebench_runs.cli.terminal import terminal
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
        payload = event_of_issue(issue)
    console = terminal(stderr=True)
    if checkout is None:
        with at_github() as github:
            return play(payload, Recorder(github), Play(host(), console, typer.echo, model, records))
    how = Play(payload.host, console, typer.echo, model, records, checkout)
    return play(payload, Recorder(LocalGitHub(payload, checkout)), how)
