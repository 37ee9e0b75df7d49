"""A scripted model that takes its time and counts: answers depend on the request alone, so every run gets the same.

``python -m acceptance.cluster.slow_endpoint SECONDS`` prints its address and serves until its standard input closes; a
GET tells what was asked so far.
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
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


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
def serving(seconds: float) -> Iterator[Endpoint]:
    """Serve while the block lasts, each answer after so many seconds."""
    command = [sys.executable, "-m", "acceptance.cluster.slow_endpoint", str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        yield Endpoint(server.stdout.readline().strip())
        server.communicate()


class _Server(ThreadingHTTPServer):
    request_queue_size = 512
    seconds = 0.0

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.keys: Counter[str] = Counter()
        self.answered = 0
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        with self.server.lock:
            keys, answered = self.server.keys, self.server.answered
            told = {"calls": keys.total(), "answered": answered, "different": len(keys)}
        self._send(told)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        key = hashlib.sha256(body).hexdigest()[:12]
        with self.server.lock:
            self.server.keys[key] += 1
        time.sleep(self.server.seconds)
        text = f"made_{key}.py\n<<<<<<< SEARCH\n=======\nANSWER = '{key}'\n>>>>>>> REPLACE\n"
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        model = json.loads(body)["model"]
        self._send(
            {"id": key, "object": "chat.completion", "created": 0, "model": model, "choices": [choice], "usage": usage}
        )
        with self.server.lock:
            self.server.answered += 1

    def _send(self, value: object) -> None:
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on the terminal."""


def main() -> None:
    """Serve until standard input closes."""
    _Server.seconds = float(sys.argv[1])
    server = _Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}/v1", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
