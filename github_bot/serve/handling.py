"""What one delivery asks for, from start to end: the steps of the workflow's jobs, with the same wall between them.

The work with models and the repository is done by a process of its own, whose token can only read and which sees no key
of the App. Killed anywhere and told again, it goes on from what is there.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from environments.host_python import python_module
from github_bot.afterwards.closed import close
from github_bot.afterwards.lost import tell_lost
from github_bot.artifact import JSON
from github_bot.config import PATH, BotConfig, read_config
from github_bot.errors import Refused
from github_bot.events.payload import parse_payload
from github_bot.events.refusal import HOST, allowed
from github_bot.events.request import Ignored, Request, read_request
from github_bot.github.client import GitHubWriter
from github_bot.github.connection import App
from github_bot.github.contract import Reader
from github_bot.github.sign_in import Level, app_token, by_token
from github_bot.operator import VARIABLE, Operator
from github_bot.publish import Target, known_secrets, publish_folder
from github_bot.serve.queue import Delivery, Elsewhere
from github_bot.serve.renewing import Renewing
from github_bot.start import Start, begin
from swebench_runs.errors import RunoffError

_RUNOFF = tuple(python_module("github_bot.serve.phase_one", found_in=Path(__file__).parents[2]).command)
_GRACE = 900.0
"""Seconds beyond the configured minutes after which the work is ended from outside."""
_LOOKED = 0.5
"""Seconds between two looks whether to stop."""


@dataclass(frozen=True)
class Bot:
    """Does what deliveries ask for: a ``Handle``."""

    app: App
    folder: Path
    """Where jobs and runs are kept."""
    model: str = ""
    api: str = ""
    """Of an Enterprise server; empty: github.com's."""
    host: str = HOST
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """Values that are posted nowhere, beside those of the environment."""
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    """What the working process gets, without what is the bot's own."""
    command: Sequence[str] = _RUNOFF
    """What works: the command ``runoff``."""
    operator: Operator = field(default=Operator(), repr=False)
    """Whose keys and money these are."""
    clock: Callable[[], float] = time.monotonic
    """By which tokens grow old."""

    def __call__(self, delivery: Delivery, stopping: threading.Event) -> str:
        """Do what a delivery asks for; empty where it stopped before the end, to go on later."""
        payload = parse_payload(delivery.payload)
        repository = payload.repository.full_name
        with self._github(repository, "write") as github:
            config = self.operator.held(_configured(github, repository))
            request = read_request(payload, config)
            if isinstance(request, Ignored):
                return f"nothing to do: {request.reason}"
            try:
                if not request.issue:  # a command on a pull request: which issue it is for is GitHub's to say
                    _in_place(delivery, allowed(request, config, github, self.host))
                begun = begin(request, config, github, now=datetime.now(UTC), host=self.host)
            except Refused as refused:
                return f"not done: {refused}"
            if begun.request.verb == "closed":
                return close(begun.request, github)
        if not begun.works:
            return f"nothing to do for {begun.request.verb}"
        try:
            return self._answered(delivery, begun, config, stopping)
        except RunoffError:
            raise
        except Exception:
            with self._github(repository, "write") as github:  # else the comment said for ever that it works
                tell_lost(begun.request, github, "An error that nobody foresaw ended it: see the server's log.")
            raise

    def _answered(self, delivery: Delivery, begun: Start, config: BotConfig, stopping: threading.Event) -> str:
        job = self.folder / "jobs" / str(delivery.number)
        if not (job / "artifact" / JSON).exists() and not self._work(delivery, begun, config, job, stopping):
            return ""
        with self._github(begun.request.repository, "write") as github:
            return self._post(allowed(begun.request, config, github, self.host), job / "artifact", github)

    def _work(self, delivery: Delivery, begun: Start, config: BotConfig, job: Path, stopping: threading.Event) -> bool:
        """Let phase one work, in a process of its own; False where it was stopped with the server."""
        job.mkdir(parents=True, exist_ok=True)
        (job / "event.json").write_bytes(delivery.payload)
        repository = begun.request.repository
        token, login = app_token(self.app, repository, "read", api=self.api)
        command = [
            *(*self.command, "bot", "solve", "--event", str(job / "event.json"), "-o", str(job / "artifact")),
            *("--budget", f"{begun.budget:.2f}", "--records", str(self.folder / "runs")),
            *(("--model", self.model) if self.model else ()),
        ]
        with (job / "log.txt").open("ab") as log:
            process = subprocess.Popen(
                command,
                env=self._for_work(token, login),
                stdin=subprocess.PIPE,  # held open: by its end the process knows ours; new tokens come by it
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            assert process.stdin is not None
            renewed = Renewing(
                lambda: app_token(self.app, repository, "read", api=self.api)[0], process.stdin, self.clock
            )
            return _waited(process, stopping, config.minutes * 60 + _GRACE, renewed)

    def _post(self, request: Request, folder: Path, github: GitHubWriter) -> str:
        if not (folder / JSON).exists():
            tell_lost(request, github)
            raise Refused(f"the work on {request.repository}#{request.issue} left no result: see its log.txt")
        secrets = known_secrets(os.environ, self.secrets)
        done = publish_folder(folder, Target(request.repository, request.issue, request.id), github, secrets)
        return f"comment {done.comment}" + (f", pull request #{done.pull_request}" if done.pull_request else "")

    def _github(self, repository: str, level: Level) -> GitHubWriter:
        token, login = app_token(self.app, repository, level, api=self.api)
        return by_token(token, api=self.api, me=login)

    def _for_work(self, token: str, login: str) -> dict[str, str]:
        kept = {
            name: value for name, value in self.environment.items() if not name.startswith(("RUNOFF_BOT_", "GITHUB_"))
        }
        at = {"GITHUB_API_URL": self.api} if self.api else {}
        at[VARIABLE] = self.operator.model_dump_json()
        return {**kept, **at, "GITHUB_SERVER_URL": self.host, "GITHUB_TOKEN": token, "RUNOFF_BOT_LOGIN": login}


def _in_place(delivery: Delivery, request: Request) -> None:
    """Raise Elsewhere where a delivery is queued under a pull request: of its issue one is worked on at a time."""
    place = f"{request.repository}#{request.issue}"
    if delivery.place != place:
        raise Elsewhere(place)


def _configured(github: Reader, repository: str) -> BotConfig:
    found = github.repository(repository)
    return read_config(github.file(repository, PATH, found.default_branch) if found else None)


def _waited(
    process: subprocess.Popen[bytes], stopping: threading.Event, seconds: float, meanwhile: Callable[[], None]
) -> bool:
    """Wait for a process; one that takes too long, or is to stop with the server, is interrupted, then killed.

    ``meanwhile`` is called at each look. False where it was stopped with the server.
    """
    waited = 0.0
    while process.poll() is None and not stopping.is_set() and waited < seconds:
        meanwhile()
        stopping.wait(_LOOKED)
        waited += _LOOKED
    ended = process.poll() is not None
    for number in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, number)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                continue
    return ended or not stopping.is_set()
