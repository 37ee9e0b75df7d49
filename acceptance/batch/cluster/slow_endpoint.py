"""A scripted model that takes its time and counts: answers depend on the request alone, so every run gets the same.

``python -m acceptance.batch.cluster.slow_endpoint SECONDS HOST`` prints its address and serves until its standard input
closes; a GET tells what was asked so far.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from swebench_runs.bench.scripted_server import ScriptedHandler, ScriptedServer


@dataclass(frozen=True)
class Asked:
    """What an endpoint was asked."""

    calls: int
    answered: int
    """Calls whose answer was sent whole."""
    different: int
    """Calls that differ."""


@dataclass(frozen=True)
class Endpoint:
    """A running endpoint."""

    address: str

    def asked(self) -> Asked:
        """Return what it was asked so far."""
        with urllib.request.urlopen(self.address, timeout=60) as answer:
            return Asked(**json.load(answer))


@contextmanager
def serving(seconds: float, host: str = "127.0.0.1") -> Iterator[Endpoint]:
    """Serve while the block lasts, each answer after so many seconds."""
    command = [sys.executable, "-m", "acceptance.batch.cluster.slow_endpoint", str(seconds), host]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        yield Endpoint(server.stdout.readline().strip())
        server.communicate()


class _Server(ScriptedServer):
    def __init__(self, seconds: float, host: str) -> None:
        self.seconds = seconds
        self.lock = threading.Lock()
        self.keys: Counter[str] = Counter()
        self.answered = 0
        super().__init__(_Handler, host)


class _Handler(ScriptedHandler):
    server: _Server

    def do_GET(self) -> None:
        with self.server.lock:
            keys, answered = self.server.keys, self.server.answered
            told = {"calls": keys.total(), "answered": answered, "different": len(keys)}
        self.send(told)

    def do_POST(self) -> None:
        body = self.body()
        key = hashlib.sha256(body).hexdigest()[:12]
        with self.server.lock:
            self.server.keys[key] += 1
        time.sleep(self.server.seconds)
        text = f"made_{key}.py\n<<<<<<< SEARCH\n=======\nANSWER = '{key}'\n>>>>>>> REPLACE\n"
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        model = json.loads(body)["model"]
        self.send(
            {"id": key, "object": "chat.completion", "created": 0, "model": model, "choices": [choice], "usage": usage}
        )
        with self.server.lock:
            self.server.answered += 1


if __name__ == "__main__":
    _Server(float(sys.argv[1]), sys.argv[2]).serve_till_input_ends("/v1")
