"""Counts model calls on their way: a forward HTTP proxy on loopback, in a process of its own.

A run is pointed at it by ``HTTP_PROXY``, so what is counted is what any client of the run really sent, to the server
that the run itself started. Every call leaves one line when it begins and one when its answer was passed on.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import itertools
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

CALL = "/chat/completions"
"""How the path of a model call ends; everything else is passed on uncounted."""
SETTLED = "/settled"
"""Asked of the proxy itself; answered when no other request is under way."""
SETTLING = 60.0


@dataclass(frozen=True)
class Counts:
    """What went through the proxy so far."""

    keys: tuple[str, ...]
    """Hash of each call's content, in order of arrival: the same call asked twice has the same key."""
    answered: int
    """Calls whose answer was passed on whole."""


class Counter:
    """The proxy's process. A context manager; ``environment`` routes a run's calls through it."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._process: subprocess.Popen[str] | None = None
        self.environment: dict[str, str] = {}

    def counts(self) -> Counts:
        """Return what was counted so far."""
        lines = [json.loads(line) for line in self._log.read_text().splitlines()]
        keys = tuple(line["key"] for line in lines if line["event"] == "begun")
        return Counts(keys, answered=sum(line["event"] == "answered" for line in lines))

    def settle(self) -> None:
        """Wait until every call that reached the proxy so far is counted and over, those of a killed run too."""
        address = urlsplit(self.environment["HTTP_PROXY"])
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=2 * SETTLING)
        try:
            connection.request("GET", SETTLED)
            if connection.getresponse().status != HTTPStatus.OK:
                raise TimeoutError(f"a call is still under way after {SETTLING:.0f} s")
        finally:
            connection.close()

    def __enter__(self) -> Self:
        self._log.touch()
        command = [sys.executable, "-m", "acceptance.batch.kills.call_counter", str(self._log)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        address = self._process.stdout.readline().strip()
        # An explicit NO_PROXY: loopback must be asked through the proxy whatever the user's own settings are.
        self.environment = {
            **{"HTTP_PROXY": address, "http_proxy": address},
            **{"NO_PROXY": "none.invalid", "no_proxy": "none.invalid"},
        }
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process
        self._process.communicate()  # closes its standard input, at which it ends


class _Server(ThreadingHTTPServer):
    """Knows how many connections it has accepted and not finished with; they are accepted in order of arrival."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.active = 0
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.changed:
            self.active += 1
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self.changed:
                self.active -= 1
                self.changed.notify_all()


class _Handler(BaseHTTPRequestHandler):
    """Passes one request on; HTTP/1.0, so that a connection is one request."""

    server: _Server
    log: int
    numbers = itertools.count()

    def do_GET(self) -> None:
        if self.path != SETTLED:
            return self._pass_on()
        with self.server.changed:
            alone = self.server.changed.wait_for(lambda: self.server.active == 1, timeout=SETTLING)
        self.send_response(HTTPStatus.OK if alone else HTTPStatus.SERVICE_UNAVAILABLE)
        self.end_headers()
        return None

    def do_POST(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # the run was killed in the middle of asking
            return
        call = urlsplit(self.path).path.endswith(CALL)
        number = next(self.numbers)
        if call:
            self._note("begun", number, key=hashlib.sha256(body).hexdigest()[:16])
        try:
            status, headers, content = _ask(self.command, self.path, dict(self.headers), body)
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
        except (OSError, http.client.HTTPException) as error:
            self._note("lost", number, why=str(error))  # the run was killed, and its server with it
            return
        if call:
            self._note("answered", number)

    def _note(self, event: str, number: int, **fields: Any) -> None:
        os.write(self.log, json.dumps({"event": event, "number": number, **fields}).encode() + b"\n")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing on the terminal."""


def _ask(method: str, url: str, headers: dict[str, str], body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    """Ask the server itself; returns status, headers and body."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=600)
    hops = ("proxy-connection", "connection", "keep-alive", "transfer-encoding", "content-length")
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        passed = {name: value for name, value in headers.items() if name.lower() not in hops}
        connection.request(method, target, body=body or None, headers=passed)
        answer = connection.getresponse()
        content = answer.read()
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in hops]
        return answer.status, [*kept, ("content-length", str(len(content)))], content
    finally:
        connection.close()


def main() -> None:
    """Serve until standard input closes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path)
    _Handler.log = os.open(parser.parse_args().log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    server = _Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
