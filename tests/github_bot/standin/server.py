"""The server: reads a request, holds it to the description, lets faults happen, asks the table of routes."""

import json
import socket
import threading
from base64 import b64decode
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import jwt

from standin import git_routes, routes  # noqa: F401  (they fill the table)
from standin.call import ROUTES, Call, Refused
from standin.description import Violation, find
from standin.faults import Faults
from standin.git_backend import serve_git
from standin.git_store import GitStore
from standin.state import State, Token

_NEEDED = {"git": "contents", "issues": "issues", "pulls": "pull_requests"}
"""The permission that writing needs, by what comes after the repository in a path."""


class GitHubStandIn:
    """A running server, its state, its git and its faults."""

    def __init__(self, folder: Path, repository: str = "octo/shop", address: str = "127.0.0.1") -> None:
        self.state, self.faults = State(repository), Faults()
        self.git_root = folder
        self.store = GitStore(folder / f"{repository}.git")
        self.app_key = ""
        """The public key of the App, in PEM."""
        self.app_slug = "runoff-bot"
        self.lock = threading.RLock()
        self._server = _Server((address, 0), _Handler)
        self._server.github = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return "http://{}:{}".format(*self._server.server_address)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def asked(self, method: str = "") -> list[str]:
        """Return ``METHOD path`` of the requests so far; ``method``: of these alone."""
        return [f"{verb} {path}" for verb, path in self.state.requests if method in ("", verb)]

    def answer(self, method: str, target: str, authorization: str, body: bytes):
        """Return (status, body) of a request; faults are not its business."""
        parts = urlsplit(target)
        path = parts.path.removeprefix("/api/v3")
        self.state.requests.append((method, path))
        try:
            token = self._token(authorization)
            if (method, path) in (("POST", "/graphql"), ("POST", "/api/graphql")):
                return 200, {"data": {"viewer": {"login": token.login}}}
            operation, in_path = find(method, path)
            given = operation.read(in_path, dict(parse_qsl(parts.query)), json.loads(body) if body else None)
            self._allow(token, method, path, given)
            call = Call(self.state, self.store, token, self.url, given, json.loads(body) if body else {})
            status, answer = ROUTES[operation.name](call)
            operation.hold_answer(status, answer)
        except Refused as refused:
            return refused.status, {"message": refused.message, "documentation_url": "https://docs.github.com/rest"}
        except Violation as violation:
            self.state.violations.append(str(violation))
            return 422, {"message": f"stand-in: {violation}", "documentation_url": ""}
        return status, answer

    def _token(self, authorization: str) -> Token:
        kind, _, text = authorization.partition(" ")
        if kind == "Basic":
            text = b64decode(text).decode().partition(":")[2]
        if text.count(".") == 2 and self.app_key:
            try:
                jwt.decode(text, self.app_key, algorithms=["RS256"])
            except jwt.PyJWTError as error:
                raise Refused(401, f"A JSON web token could not be decoded: {error}") from None
            return Token(f"{self.app_slug}[bot]", {"app": "write"})
        if text not in self.state.tokens or self.state.has_ended(self.state.tokens[text]):
            raise Refused(401, "Bad credentials")
        return self.state.tokens[text]

    def _allow(self, token: Token, method: str, path: str, given: dict) -> None:
        if "repo" not in given:
            return
        name = f"{given['owner']}/{given['repo']}"
        if name.lower() != self.state.repository.lower():
            raise Refused(404, "Not Found")
        room = [*path.split("/"), ""][4]
        needed = _NEEDED.get(room, "")
        if method == "GET":
            if (
                self.state.settings["private"]
                and needed
                and needed not in token.permissions
                and "app" not in token.permissions
            ):
                raise Refused(404, "Not Found")
            return
        # A pull request's conversation is an issue's: either permission will do for a comment.
        accepted = {needed, "pull_requests"} if room == "issues" else {needed}
        if not any(token.permissions.get(one) == "write" for one in accepted):
            raise Refused(403, "Resource not accessible by integration")
        if self.state.settings["archived"]:
            raise Refused(403, "Repository was archived so is read-only.")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    github: GitHubStandIn

    def handle_error(self, request, client_address):
        """A client that was killed is no error of the server's."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body leave together: kept-open connections wait 40 ms otherwise

    def _handle(self) -> None:
        github = self.server.github
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        if ".git/" in path:
            serve_git(self, github.git_root, body)
            return
        if path.startswith("/_standin/logs/"):
            if self.headers.get("Authorization"):
                github.state.violations.append("another host was shown the token")
            check = next(check for check in github.state.checks if str(check.id) == path.rsplit("/", 1)[1])
            self._send(200, check.log.encode(), {"Content-Type": "text/plain"})
            return
        # A fault is used up and its request done under one lock, or two at once would be told apart by luck.
        with github.lock:
            fault = github.faults.take(self.command, path)
            kind = fault.kind if fault else ""
            if kind == "kill-before":
                fault.kill()
            status, answer = (0, None)
            if kind in ("", "lost", "kill-after"):
                status, answer = github.answer(self.command, self.path, self.headers.get("Authorization", ""), body)
            if kind == "kill-after":
                fault.kill()
        self._end(kind, status, answer)

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _handle

    def _end(self, kind: str, status: int, answer) -> None:
        if kind in ("cut", "kill-before", "kill-after"):
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
        elif kind in ("502", "lost"):
            self._json(502, {"message": "Server Error"})
        elif kind in ("403", "429"):
            said = {
                "message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
            }
            self._json(int(kind), said, {"Retry-After": "1"})
        elif status == 302:
            self._send(302, b"", {"Location": answer})
        else:
            self._json(status, answer)

    def _json(self, status: int, answer, headers: dict | None = None) -> None:
        raw = b"" if answer is None else json.dumps(answer).encode()
        limits = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4990", "X-RateLimit-Reset": "4102444800"}
        self._send(status, raw, {"Content-Type": "application/json; charset=utf-8", **limits, **(headers or {})})

    def _send(self, status: int, raw: bytes, headers: dict) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(raw))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_):
        """Nothing is printed."""
