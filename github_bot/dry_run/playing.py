"""Both phases on one event, one after the other, into a recorder: what is posted is told, not done."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from rich.console import Console

from agent.models.keys import missing_key
from environments.text import decoded, inert
from github_bot.artifact import read_artifact, write_artifact
from github_bot.config import PATH, BotConfig, read_config
from github_bot.dry_run.recorder import Recorder
from github_bot.errors import Refused
from github_bot.events.payload import Payload
from github_bot.events.request import Ignored, read_request
from github_bot.github.contract import Writer
from github_bot.publish import Target, known_secrets, publish
from github_bot.solve.last_run import folder_of, place_of
from github_bot.solve.means import Means, default_records, fetching
from github_bot.solve.run_config import UNSAID, Word, run_config
from github_bot.solve.solving import solve
from github_bot.start import WORKING, begin
from github_bot.wording.inert import as_shown
from swebench_runs.errors import Exit, UsageError

_WITHOUT_A_RUN = {
    "stop": "A run that is under way on the issue would see this and end, and say so in its own comment.",
    "help": "The command is none, so that it would be answered with help.",
    "closed": "What became of the bot's pull request would be noted, and its branch deleted.",
}


@dataclass(frozen=True)
class Play:
    """How an event is played."""

    host: str
    console: Console
    say: Callable[[str], None]
    word: Word = UNSAID
    """Of whoever plays it, on the run."""
    records: Path | None = None
    checkout: Path | None = None
    """A local repository in the place of a fetched one."""
    readable: bool = False
    """What is said is read by people, at a terminal."""


def play(payload: Payload, recorder: Recorder, how: Play) -> int:
    """Play an event and tell what would be posted; the exit code, 1 where the work came to no end of its own."""
    github = cast(Writer, recorder)
    name = payload.repository.full_name
    found = github.repository(name)
    config = read_config(github.file(name, PATH, found.default_branch) if found else None)
    request = read_request(payload, config)
    if isinstance(request, Ignored):
        how.say(f"Nothing would be done: {request.reason}.")
        return Exit.DONE
    if request.verb in WORKING:
        _require_keys(config, how.word)
    try:
        begun = begin(request, config, github, now=datetime.now(UTC), host=how.host)
    except Refused as refused:
        how.say(f"It would not be done: {refused}.")
        return Exit.DONE
    if not begun.works:
        _show(recorder, how)
        how.say(f"{_WITHOUT_A_RUN[request.verb]} Nothing was posted.")
        return Exit.DONE
    with tempfile.TemporaryDirectory(prefix="runoff-bot-") as folder:
        here, records = how.checkout, how.records or default_records()
        checkout = (lambda _: here) if here else fetching(github, name, Path(folder))
        means = Means(github, checkout, records, how.console, begun.budget, word=how.word, attended=True)
        try:
            made = solve(begun.request, config, means)
        except KeyboardInterrupt:
            how.say("Interrupted: nothing would be posted yet, and nothing is lost. The same command goes on.")
            raise
        write_artifact(made, Path(folder) / "artifact")
        artifact = read_artifact(Path(folder) / "artifact")
        publish(artifact, Target(name, begun.request.issue, begun.request.id), github, known_secrets(os.environ))
    _show(recorder, how)
    for what, patch in (("the change", artifact.patch), ("the test", artifact.test_patch)):
        if patch:
            how.say(f"\n=== {what} ===\n{inert(decoded(patch)).rstrip()}")
    drafted = artifact.outcome == "draft_pull_request"
    numbered = " GitHub gives the pull request a number of its own." if drafted else ""
    if run := place_of(folder_of(records, name, begun.request.issue) / begun.request.id):
        how.say(f"\nWhat was done: runoff inspect {run}")
    how.say(f"\nThis was a dry run: nothing was posted.{numbered}")
    return Exit.FAILED_TASKS if artifact.outcome == "failure" else Exit.DONE


def _show(recorder: Recorder, how: Play) -> None:
    """Tell what would be posted: as a reader of GitHub's page sees it, or as it is sent where no terminal shows it."""
    for post in recorder.posts:
        how.say(f"\n=== {post.what} ===")
        if post.text:
            how.say(as_shown(post.text) if how.readable else post.text)


def _require_keys(config: BotConfig, word: Word) -> None:
    """Raise UsageError where a model's key is not at hand: who sits here can set it, and needs no post that says so."""
    settings = run_config(config, config.budget.run, word=word)
    for name in settings.models:
        if missing := missing_key(name, settings.profile_of(name).model_kwargs):
            raise UsageError(missing)
