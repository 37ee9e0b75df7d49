"""A model's endpoint for measurements: it answers from a script, refuses one repository, dies, revives and moves."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

SECONDS = 0.3
"""What an answer takes, so that kills find calls on their way."""
FILTERED = (
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. "
    "Please modify your prompt and retry."
)
_TEST = "```python\nimport sys\nissue_present()\n```"


class OddEndpoint:
    """Served from this process. A context manager; safe under many threads."""

    def __init__(self, refuses: str) -> None:
        """``refuses``: a request with this text in it is refused for good, as by a content filter."""
        self._refuses = refuses
        self._lock = threading.Lock()
        self._log: list[tuple[str, int]] = []
        self._begun = 0
        self._server: _Server | None = None

    @property
    def address(self) -> str:
        """Where it is, or was when it died."""
        return f"http://127.0.0.1:{self._port}/v1"

    def asked(self) -> int:
        """Return how many requests have come."""
        return self._begun

    def settle(self) -> None:
        """Wait until every request that has come, of a killed process too, is answered and counted."""
        time.sleep(SECONDS)
        while self._begun > len(self._log):
            time.sleep(0.02)

    def answered(self) -> int:
        """Return how many answers were given."""
        with self._lock:
            return sum(status == 200 for _, status in self._log)

    def repeated(self) -> int:
        """Return how many answers were given to a request that had been answered before."""
        return self._again(200)

    def refused_again(self) -> int:
        """Return how many requests came that had been refused before."""
        return self._again(400)

    def die(self) -> None:
        """Refuse connections from now on."""
        assert self._server
        self._server.shutdown()
        self._server.server_close()

    def revive(self) -> None:
        """Answer again where it was."""
        self._serve(self._port)

    def move(self) -> None:
        """Answer at another port from now on, and no longer at this one."""
        self.die()
        self._serve(0)

    def __enter__(self) -> Self:
        self._serve(0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.die()

    def answer(self, raw: bytes) -> tuple[int, dict[str, Any]]:
        """Answer one request, by what is in it alone."""
        with self._lock:
            self._begun += 1
        request = json.loads(raw)
        key = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
        time.sleep(SECONDS)
        refused = self._refuses in json.dumps(request["messages"])
        status = 400 if refused else 200
        with self._lock:
            self._log.append((key, status))
        if refused:
            return 400, {"error": {"message": FILTERED, "type": "invalid_request_error", "code": "content_filter"}}
        message = {"role": "assistant", "content": _content(request, key)}
        choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
        return 200, {"id": key[:8], "object": "chat.completion", "created": 0, "model": "odd"} | {
            **{"choices": choices, "usage": usage}
        }

    def _again(self, wanted: int) -> int:
        with self._lock:
            keys = [key for key, status in self._log if status == wanted]
        return len(keys) - len(set(keys))

    def _serve(self, port: int) -> None:
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.endpoint = self
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


def _content(request: dict[str, Any], key: str) -> str:
    """Return a test that always fails, or a new file named after the request, so that trajectories differ."""
    asked = request["messages"][-1]["content"]
    if "Write a test" in asked or "Write another test" in asked or "Your test" in asked:
        return f"TEST\n{_TEST}" if "TEST to run another" in asked else _TEST
    return f"made_{key[:8]}.py\n<<<<<<< SEARCH\n=======\nANSWER = '{key[:8]}'\n>>>>>>> REPLACE\n"


class _Server(ThreadingHTTPServer):
    endpoint: OddEndpoint
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    """Answers one request a connection."""

    server: _Server

    def do_POST(self) -> None:
        status, body = self.server.endpoint.answer(self.rfile.read(int(self.headers["content-length"])))
        content = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except ConnectionError:
            return  # who asked was killed

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""
