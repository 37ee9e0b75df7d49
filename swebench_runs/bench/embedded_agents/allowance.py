"""Stands between agents and the embedded model's server: counts what each has had written, and ends it at a ceiling.

The address of one agent at one task is ``ADDRESS/NAME/v1``. What it is granted is cut to what is left; when nothing is,
its requests are refused. Everything else (token counts, slots) is passed on as it is.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

LEAST = 16
"""Tokens that an answer must be able to have."""
USED_UP = "no more answers are given for this task"
_CALLS = ("/v1/chat/completions", "/v1/completions")
_UNCOUNTED = ("/completion", "/completions", "/chat/completions", "/infill", "/v1/messages", "/v1/responses")
"""Other ways to have the server write, which nobody may go."""
_PATIENCE = 900.0


@dataclass
class Account:
    """What one agent had at one task. Safe under many threads."""

    limit: int
    written: int = 0
    read: int = 0
    calls: int = 0
    refused: int = 0
    _held: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def grant(self, wanted: int | None, n: int) -> int:
        """Return how many tokens each of ``n`` answers may have, 0 where too few are left; waits for calls under way.

        What is granted is held until ``settle``.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._held or self._left(n) >= LEAST)
            left = self._left(n)
            if left < LEAST:
                self.refused += 1
                return 0
            granted = min(left, left if wanted is None else max(1, wanted))
            self._held += granted * n
            return granted

    def settle(self, granted: int, read: int, written: int) -> None:
        """Count a call that was granted so many tokens in all."""
        with self._changed:
            self._held -= granted
            self.calls += 1
            self.read += read
            self.written += written
            self._changed.notify_all()

    def _left(self, n: int) -> int:
        return (self.limit - self.written - self._held) // n


class Allowances:
    """The accounts by name, before one server of llama.cpp's."""

    def __init__(self, api_base: str, api_key: str) -> None:
        """``api_base``: where the server is, ``/v1`` included."""
        self._server = urlsplit(api_base)
        self._key = api_key
        self.address = ""
        self._accounts: dict[str, Account] = {}

    def open(self, name: str, limit: int) -> tuple[str, Account]:
        """Open an account; return its address for OpenAI clients, and the account."""
        account = self._accounts[name] = Account(limit)
        return f"{self.address}/{name}/v1", account

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Answer one request: status and body."""
        name, _, rest = path.lstrip("/").partition("/")
        if name not in self._accounts:
            return 404, _error(f"nobody is called {name[:40]!r} here")
        path = f"/{rest}"
        if path in _CALLS:
            return self._complete(self._accounts[name], path, json.loads(body))
        if path in _UNCOUNTED:
            return 404, _error(f"{path} is not counted here: ask at {_CALLS[0]}")
        return self._pass_on(method, path, body)

    def _complete(self, account: Account, path: str, asked: dict[str, Any]) -> tuple[int, bytes]:
        n, wanted = int(asked.get("n") or 1), asked.get("max_tokens") or asked.get("max_completion_tokens")
        granted = account.grant(wanted, n)
        if not granted:
            return 400, _error(USED_UP)
        read = written = 0
        try:
            status, body = self._pass_on("POST", path, json.dumps({**asked, "max_tokens": granted}).encode())
            if status == 200:
                read, written = self._counted(json.loads(body))
        finally:
            account.settle(granted * n, read, written)
        return status, body

    def _counted(self, answer: Mapping[str, Any]) -> tuple[int, int]:
        """Return what was read and written; of several choices the server counts one alone: they are counted here."""
        usage, choices = answer["usage"], answer["choices"]
        if len(choices) == 1:
            return usage["prompt_tokens"], usage["completion_tokens"]
        texts = [choice.get("text") or choice.get("message", {}).get("content") or "" for choice in choices]
        bodies = [json.dumps({"content": text}).encode() for text in texts]
        tokens = [json.loads(self._pass_on("POST", "/tokenize", body)[1])["tokens"] for body in bodies]
        return usage["prompt_tokens"], sum(len(one) + 1 for one in tokens)

    def _pass_on(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self._server.hostname or "", self._server.port, timeout=_PATIENCE)
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, body or None, headers)
            answered = connection.getresponse()
            return answered.status, answered.read()
        finally:
            connection.close()


@contextmanager
def allowances(api_base: str, api_key: str) -> Iterator[Allowances]:
    """Serve accounts for the block."""
    found = Allowances(api_base, api_key)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self._do("POST")

        def do_GET(self) -> None:
            self._do("GET")

        def _do(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            try:
                status, content = found.answer(method, self.path, body)
            except (OSError, http.client.HTTPException) as error:
                status, content = 502, _error(f"the model's server fails: {error}")
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def _error(message: str) -> bytes:
    return json.dumps({"error": {"message": message, "type": "invalid_request_error"}}).encode()
