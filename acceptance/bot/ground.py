"""Where the bot is measured: GitHub's stand-in with an App, a scripted model, and ``runoff bot serve`` as a process.

Run with ``PYTHONPATH=tests/github_bot``: the stand-in belongs to the tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from acceptance.commands import runoff
from acceptance.record import ROOT

SECRET = "the-webhook-secret"
REPOSITORY = "octo/shop"
FILES = {
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\n',
    "shop.py": "def total(prices):\n    return sum(prices[1:])\n",
    "tests/test_shop.py": "from shop import total\n\n\ndef test_nothing():\n    assert total([]) == 0\n",
}
ISSUE = (
    "total loses the first price",
    "```python\n>>> from shop import total\n>>> total([3, 4])\n4\n```\n\nI expected `7`.\n",
)
EDIT = "shop.py\n<<<<<<< SEARCH\n    return sum(prices[1:])\n=======\n    return sum(prices)\n>>>>>>> REPLACE\n"
CONFIG = """model: openai/scripted
confidence: none
run:
  trajectories: 1
  tests: 0
  turns: 1
  judge: ["off"]
  scaffold: edit-and-test
"""
"""One attempt."""
PRICE = {"policy": "table", "input_per_million": 100, "output_per_million": 100}
"""Every call of the scripted model has one, so that money is counted; a server's operator says it, no repository."""


@dataclass
class Server:
    """``runoff bot serve``, running."""

    process: subprocess.Popen[str]
    url: str

    def deliver(self, headers: dict[str, str], body: bytes) -> int:
        """Deliver an event and return the answer's status."""
        return httpx.post(f"{self.url}/webhook", content=body, headers=headers, timeout=120).status_code

    def counts(self) -> dict[str, int]:
        """Return how many deliveries are in each state."""
        found: dict[str, int] = httpx.get(f"{self.url}/healthz", timeout=120).json()
        return found

    def idle(self, limit: float = 3600.0) -> bool:
        """Wait until nothing is queued or worked on; False where the server ends, or never comes to it."""
        end = time.monotonic() + limit
        while time.monotonic() < end and self.process.poll() is None:
            try:
                counts = self.counts()
            except httpx.HTTPError:
                continue
            if counts["queued"] == counts["working"] == 0:
                return True
            time.sleep(0.2)
        return False

    def rss(self) -> int:
        """Return how much memory the process holds, in KiB."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))

    def kill(self) -> None:
        """Kill it (-9) and wait for its end."""
        self.process.kill()
        self.process.wait()


@dataclass
class Ground:
    """Everything that a measurement needs."""

    github: Any
    folder: Path
    environment: dict[str, str]
    said: tuple[str, ...] = ()
    """What the server's operator says of a run, as ``-c`` takes it."""
    issues: int = 0
    servers: list[Server] = field(default_factory=list)

    def issue(self, title: str = ISSUE[0], body: str = ISSUE[1]) -> int:
        """Open an issue and return its number."""
        return int(self.github.state.issue("eve", title, body).number)

    def labelled(self, number: int, sender: str = "mia") -> tuple[dict[str, str], bytes]:
        """Put the bot's label on an issue and return what GitHub delivers of it."""
        events = import_module("standin.events")
        self.github.state.label(number, sender, "runoff")
        made: tuple[dict[str, str], bytes] = events.delivery(
            *events.labeled(self.github.state, self.github.url, number, sender), SECRET
        )
        return made

    @contextmanager
    def serving(self, workers: int = 1) -> Iterator[Server]:
        """Run ``runoff bot serve``; at the end it is killed if it still runs."""
        server = self.start(workers)
        try:
            yield server
        finally:
            if server.process.poll() is None:
                server.process.terminate()
                server.process.wait(120)

    def start(self, workers: int = 1) -> Server:
        """Start ``runoff bot serve`` and wait until it listens."""
        command = runoff("bot", "serve", "--port", "0", "--state", str(self.folder / "state"), "-w", str(workers))
        command += [word for said in self.said for word in ("-c", said)]
        log = (self.folder / "serve.log").open("a")
        process = subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        if "Listening at " not in line:
            raise RuntimeError(f"runoff bot serve did not start: see {self.folder / 'serve.log'}")
        return Server(process, line.split("Listening at ")[1].strip())


@contextmanager
def ground(folder: Path, config: str = CONFIG, edit: str = EDIT, address: str = "127.0.0.1") -> Iterator[Ground]:
    """Lay the repository, the App and the scripted model; both servers listen at ``address``."""
    private, public = _keys()
    (folder / "app.pem").write_text(private)
    (folder / "edit.txt").write_text(edit)
    standin = import_module("standin")
    scripted = [sys.executable, str(ROOT / "tests" / "scripted_server.py"), str(folder / "edit.txt"), address]
    with (
        standin.GitHubStandIn(folder / "github", REPOSITORY, address) as github,
        subprocess.Popen(scripted, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as model,
    ):
        assert model.stdout is not None
        github.app_key = public
        github.store.lay({**FILES, ".github/runoff.yml": config})
        environment = {
            **os.environ,
            "OPENAI_API_BASE": model.stdout.readline().strip(),
            "OPENAI_API_KEY": "sk-none",
            "GITHUB_API_URL": github.url,
            "GITHUB_SERVER_URL": github.url,
            "RUNOFF_BOT_APP_ID": "12",
            "RUNOFF_BOT_PRIVATE_KEY": str(folder / "app.pem"),
            "RUNOFF_BOT_WEBHOOK_SECRET": SECRET,
        }
        said = tuple(f"price.{key}={value}" for key, value in PRICE.items()) if config == CONFIG else ()
        yield Ground(github, folder, environment, said)
        model.communicate()


def _keys() -> tuple[str, str]:
    key = rsa.generate_private_key(65537, 2048)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()
