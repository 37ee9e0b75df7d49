"""What the verbs share: the event, GitHub as the environment says, the repository's configuration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from github_bot.config import BotConfig
    from github_bot.events.request import Ignored, Request
    from github_bot.github.client import GitHubWriter
    from github_bot.github.contract import Reader

Event = Annotated[
    Path,
    typer.Option(
        "--event", metavar="FILE", envvar="GITHUB_EVENT_PATH", help="A stored event: GitHub's payload as JSON."
    ),
]
ACTIONS = "github-actions[bot]"
"""Whose comments those of a workflow's own token are."""


def at_github() -> GitHubWriter:
    """Return GitHub by $GITHUB_TOKEN, as it is at each request; what it may is the token's own business."""
    from github_bot.github.sign_in import by_token

    me = os.environ.get("RUNOFF_BOT_LOGIN") or (ACTIONS if os.environ.get("GITHUB_ACTIONS") else "")
    return by_token(lambda: os.environ.get("GITHUB_TOKEN", ""), me=me)


def host() -> str:
    """Return the host of the repositories: a workflow on an Enterprise server says its own."""
    from github_bot.events.refusal import HOST

    return os.environ.get("GITHUB_SERVER_URL") or HOST


def configured(github: Reader, repository: str) -> BotConfig:
    """Return the repository's configuration, of its default branch."""
    from github_bot.config import PATH, read_config

    found = github.repository(repository)
    return read_config(github.file(repository, PATH, found.default_branch) if found else None)


def asked(event: Path, github: Reader) -> tuple[Request | Ignored, BotConfig]:
    """Return what an event asks for, and by which configuration."""
    from github_bot.events.payload import read_payload
    from github_bot.events.request import read_request

    payload = read_payload(event)
    config = configured(github, payload.repository.full_name)
    return read_request(payload, config), config


def output(**values: str) -> None:
    """Hand values to the workflow's next steps and jobs; outside of one they are printed alone."""
    typer.echo(" ".join(f"{name}={value}" for name, value in values.items()))
    if path := os.environ.get("GITHUB_OUTPUT"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in values.items())
