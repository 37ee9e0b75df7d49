"""One server on loopback that is every vendor: it knows each by the path of a request and the model in it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import unquote

from acceptance.models.providers import (
    anthropic_messages,
    bedrock_converse,
    gemini_generate,
    ollama_api,
    openai_chat,
    openai_responses,
)
from acceptance.models.providers.refusal import Json, Refusal


@dataclass(frozen=True)
class Seen:
    """One request, and what became of it."""

    path: str
    body: Json
    refused: str
    """The vendor's words; empty where it answered."""


class Vendors:
    """Served from this process. A context manager; safe under many threads."""

    def __init__(self, first: Callable[[Json], None] = lambda body: None) -> None:
        """``first`` may refuse a request before its vendor's own rules are asked."""
        self._first = first
        self._lock = threading.Lock()
        self.seen: list[Seen] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.vendors = self

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def take(self) -> list[Seen]:
        """Return the requests since the last time."""
        with self._lock:
            seen, self.seen = self.seen, []
        return seen

    def answer(self, path: str, raw: bytes) -> tuple[int, Json]:
        """Answer one request."""
        body: Json = json.loads(raw)
        try:
            self._first(body)
            told = 200, _vendor(path, body)
            refused = ""
        except Refusal as refusal:
            refused = str(refusal)
            told = refusal.status, _error(path, refused)
        with self._lock:
            self.seen.append(Seen(path, body, refused))
        return told

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _vendor(path: str, body: Json) -> Json:
    model = str(body.get("model", ""))
    if path.endswith("/chat/completions"):
        return openai_chat.answer(model, body)
    if path.endswith("/responses"):
        return openai_responses.answer(model, body)
    if path.endswith("/messages"):
        return anthropic_messages.answer(model, body)
    if path.endswith(("/api/chat", "/api/generate", "/api/show")):
        return ollama_api.answer(path, model, body)
    if found := re.search(r"models/([^/:]+):generateContent", path):
        return gemini_generate.answer(found[1], body)
    if found := re.search(r"/model/(.+)/converse$", unquote(path)):
        return bedrock_converse.answer(found[1], body)
    raise Refusal(f"no such place: {path}", 404)


def _error(path: str, message: str) -> Json:
    if "/converse" in path:
        return {"message": message}
    if path.endswith(("/api/chat", "/api/generate", "/api/show")):
        return {"error": message}
    return {"type": "error", "error": {"type": "invalid_request_error", "message": message, "code": "invalid"}}


class _Server(ThreadingHTTPServer):
    vendors: Vendors
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        path = self.path.partition("?")[0]
        status, body = self.server.vendors.answer(path, self.rfile.read(int(self.headers["content-length"])))
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""
