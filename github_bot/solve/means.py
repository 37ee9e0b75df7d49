"""What phase one works with: GitHub to read from, a way to the repository's files, a place for records, money."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_state_path
from rich.console import Console

from github_bot.errors import GitHubError
from github_bot.github.contract import Reader
from github_bot.operator import Operator
from github_bot.solve.checkout import checked_out
from github_bot.solve.run_config import UNSAID, Word

Checkout = Callable[[str], Path]
"""From a commit to the folder that holds its files."""


@dataclass(frozen=True)
class Means:
    """What phase one works with."""

    github: Reader
    checkout: Checkout
    records: Path
    """Where runs are kept; those of one issue lie together, so that rounds go on from what is there."""
    console: Console
    budget: float
    """US dollars, granted before."""
    model: str = ""
    """The workflow's, which the repository's own word goes before."""
    word: Word = UNSAID
    """Of whoever runs the bot by hand."""
    operator: Operator | None = None
    """Of the server that works; None: no server does."""
    attended: bool = False
    """Somebody sits before it, whose Ctrl-C it is that ends it."""


def default_records() -> Path:
    """Return where the bot's runs are kept where nobody names a place."""
    return user_state_path("runoff") / "bot"


def fetching(github: Reader, repository: str, folder: Path, token: str = "") -> Checkout:
    """Return a way to fetch commits of a repository into a folder, by $GITHUB_TOKEN where no token is given."""

    def checkout(commit: str) -> Path:
        found = github.repository(repository)
        if found is None:
            raise GitHubError(f"{repository} is not to be seen with this token: give it read access")
        return checked_out(found.clone_url, commit, folder, token or os.environ.get("GITHUB_TOKEN", ""))

    return checkout
