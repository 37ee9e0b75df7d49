"""``runoff bot serve``: a GitHub App's server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from swebench_runs.cli import options

SECRET = "RUNOFF_BOT_WEBHOOK_SECRET"


AppId = Annotated[str, typer.Option(metavar="ID", envvar="RUNOFF_BOT_APP_ID", help="The App's id.", show_default=False)]
PrivateKey = Annotated[
    Path,
    typer.Option(
        metavar="FILE",
        envvar="RUNOFF_BOT_PRIVATE_KEY",
        help="The file of the App's private key.",
        show_default=False,
    ),
]
State = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="The folder of the queue, jobs and runs.  [default: the user's state]"),
]
Host = Annotated[str, typer.Option(metavar="HOST", help="The address to listen at; put a proxy with TLS before it.")]
Port = Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="The port to listen at; 0 takes any.")]
Workers = Annotated[int, typer.Option("-w", "--workers", metavar="N", min=1, help="Issues that are worked on at once.")]
Offered = Annotated[
    list[str],
    typer.Option(
        "-m",
        "--model",
        metavar="NAME",
        help="A litellm model string; again for each other that repositories may name.",
    ),
]
MostRun = Annotated[
    float, typer.Option(metavar="DOLLARS", help="US dollars of one run at most, whatever a repository says.")
]
MostIssueDay = Annotated[float, typer.Option(metavar="DOLLARS", help="US dollars of one issue's day at most.")]
MostRepositoryMonth = Annotated[
    float, typer.Option(metavar="DOLLARS", help="US dollars of one repository's month at most.")
]


def serve(
    app_id: AppId,
    private_key: PrivateKey,
    state: State = None,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    workers: Workers = 1,
    model: Offered = [],  # noqa: B006 - typer makes a new list for each call
    config: options.Config = [],  # noqa: B006
    most_run: MostRun = 5.0,
    most_issue_day: MostIssueDay = 10.0,
    most_repository_month: MostRepositoryMonth = 200.0,
    most_minutes: Annotated[int, typer.Option(metavar="N", min=1, max=360, help="Minutes of one run at most.")] = 60,
) -> int:
    """Answer a GitHub App's events until it is stopped.

    They are signed by $RUNOFF_BOT_WEBHOOK_SECRET. The keys and the money are the operator's: a repository may set
    neither addresses, keys and prices nor more than the ceilings.
    """
    import logging

    from github_bot.cli.place import host as site
    from github_bot.errors import NotConfigured
    from github_bot.github.connection import App
    from github_bot.github.sign_in import key_problem
    from github_bot.operator import operators
    from github_bot.serve.handling import Bot
    from github_bot.serve.server import serve as serve_queue
    from github_bot.solve.means import default_records
    from swebench_runs.config import load

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    secret = os.environ.get(SECRET, "")
    if len(secret) < 8:
        raise NotConfigured(f"set {SECRET} to the App's webhook secret, of 8 letters or more")
    try:
        key = private_key.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise NotConfigured(f"cannot read the App's private key from {private_key}: {error}") from None
    if problem := key_problem(key):
        raise NotConfigured(f"{private_key} holds {problem}: take the .pem file that GitHub made for the App")
    folder = state or default_records().with_name("serve")
    load(config, {})  # a mistake in them is told here, not on each issue
    most = {"run": most_run, "issue_day": most_issue_day, "repository_month": most_repository_month}
    operator = operators({"budget": most, "minutes": most_minutes, "models": tuple(model), "config": tuple(config)})
    bot = Bot(
        App(app_id, key),
        folder,
        next(iter(model), ""),
        os.environ.get("GITHUB_API_URL", ""),
        site(),
        frozenset({secret, key}),
        operator=operator,
    )
    serve_queue(
        folder / "queue.sqlite",
        secret,
        bot,
        host=host,
        port=port,
        workers=workers,
        ready=lambda at: typer.echo(f"Listening at {at}"),
    )
    return 0
