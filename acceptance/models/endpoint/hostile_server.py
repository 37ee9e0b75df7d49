"""A server that plays a hostile endpoint, and keeps its own account of what it answered."""

from __future__ import annotations

import hashlib
import json
import socket
import struct
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from acceptance.models.endpoint.mischief import PAID, answer, drawn

DRIP_SECONDS = 2.0
HANG_SECONDS = 30.0
"""How long a request hangs that gets no answer; who asks gives up before."""
THINKS = 0.05
"""Seconds before an answer."""


@dataclass(frozen=True)
class Given:
    """An answer of success that was sent to its last byte."""

    key: str
    usable: bool
    prompt: int
    completion: int


class HostileServer(ThreadingHTTPServer):
    """Served from this process. A context manager; safe under many threads."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, seed: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seed = seed
        self.over = threading.Event()
        self.given: list[Given] = []
        self.mischief: Counter[str] = Counter()
        self.live = 0
        self.most_live = 0
        self._number = 0
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def asked(self) -> int:
        """How many requests have come."""
        return self._number

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()

    def begin(self) -> int:
        """Count a request that has come, and return its number."""
        with self._lock:
            self._number += 1
            self.live += 1
            self.most_live = max(self.most_live, self.live)
            return self._number

    def end(self, kind: str, given: Given | None) -> None:
        """Count what was done to it."""
        with self._lock:
            self.live -= 1
            self.mischief[kind] += 1
            if given:
                self.given.append(given)

    def settle(self) -> None:
        """Wait until every request that has come, of a killed process too, is done with."""
        deadline = time.monotonic() + HANG_SECONDS + DRIP_SECONDS + 5
        while self.live and time.monotonic() < deadline:
            time.sleep(0.05)

    def tokens(self) -> tuple[int, int]:
        """Return the prompt's and the answers' tokens of all that was answered."""
        return sum(one.prompt for one in self.given), sum(one.completion for one in self.given)

    def asked_again(self) -> int:
        """Return how many answers were given to a request that had been given a usable one before."""
        usable: Counter[str] = Counter()
        again = 0
        for one in self.given:
            again += usable[one.key] > 0
            usable[one.key] += one.usable
        return again


class _Handler(BaseHTTPRequestHandler):
    """Answers one request a connection."""

    server: HostileServer

    def do_POST(self) -> None:
        number = self.server.begin()
        kind, given = drawn(self.server.seed, number), None
        try:
            raw = self.rfile.read(int(self.headers["content-length"]))
            time.sleep(THINKS)
            given = self._play(kind, raw, number)
        except OSError:
            kind = f"{kind}, and nobody there"
        finally:
            self.server.end(kind, given)

    def _play(self, kind: str, raw: bytes, number: int) -> Given | None:
        if kind.isdigit():
            self._refuse(int(kind))
            return None
        if kind == "hang":
            self.server.over.wait(HANG_SECONDS)
            self.close_connection = True
            return None
        if kind == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            return None
        request = json.loads(raw)
        made = answer(kind, request, number, stream=kind == "half a stream")
        if kind not in PAID:
            self._send(200, made.body[: len(made.body) // 2], length=len(made.body))
            self.close_connection = True
            return None
        self._send(200, made.body, drip=kind == "slow drip")
        key = hashlib.sha256(raw).hexdigest()
        return Given(key, kind != "no choices", made.prompt, made.completion)

    def _refuse(self, status: int) -> None:
        after = {"retry-after": "1"} if status in (429, 503) else {}
        body = {"error": {"message": f"hostile on purpose: {status}", "type": "server_error"}}
        self._send(status, json.dumps(body).encode(), headers=after)

    def _send(
        self,
        status: int,
        body: bytes,
        *,
        length: int | None = None,
        drip: bool = False,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body) if length is None else length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        size = max(1, len(body) // 10) if drip else len(body)
        for start in range(0, len(body), size):
            self.wfile.write(body[start : start + size])
            if drip:
                time.sleep(DRIP_SECONDS / 10)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""
