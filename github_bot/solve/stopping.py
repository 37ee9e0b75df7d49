"""``/runoff stop`` while a run goes on: somebody allowed says it in a comment, and the run ends as by Ctrl-C."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from github_bot.config import BotConfig
from github_bot.errors import GitHubError
from github_bot.events.command import command_of
from github_bot.events.refusal import may
from github_bot.events.request import Request
from github_bot.github.contract import Reader

EVERY = 30.0
"""Seconds between two looks at the comments."""
_log = logging.getLogger(__name__)


class Stopped:
    """Who stopped the run; empty while nobody did."""

    by = ""


@contextmanager
def stopped_when_asked(request: Request, config: BotConfig, github: Reader, every: float = EVERY) -> Iterator[Stopped]:
    """Look for a stop while the block lasts, and interrupt the main thread then. The block runs in the main thread."""
    said, over = Stopped(), threading.Event()

    def look() -> None:
        while not over.wait(every):
            try:
                said.by = stop_in(request, config, github)
            except GitHubError as error:
                _log.warning("could not look for /runoff stop: %s", error)
            if said.by:
                signal.raise_signal(signal.SIGINT)
                return

    watcher = threading.Thread(target=look, name="stop-watch", daemon=True)
    watcher.start()
    try:
        yield said
    finally:
        over.set()
        watcher.join()


def stop_in(request: Request, config: BotConfig, github: Reader) -> str:
    """Return who of those allowed asked to stop since a request; empty for nobody."""
    for number in {request.issue, request.pull_request or request.issue}:
        for comment in github.comments(request.repository, number):
            command = command_of(comment.body)
            asks = command is not None and command.verb == "stop" and comment.created_at >= request.at
            if asks and not comment.author.is_bot and may(config, github, request.repository, comment.author.login):
                return comment.author.login
    return ""
