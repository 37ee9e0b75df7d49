"""An OpenAI-compatible endpoint with function calls whose answers follow a script, by what is in the request alone."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from acceptance.agents.tools.known_fixes import KnownFix

SECONDS = 0.1
"""What an answer takes, so that kills find calls on their way."""

Calls = Sequence[tuple[str, Mapping[str, Any]]]
Script = Callable[[KnownFix], Sequence[Calls]]
"""What is called in each answer of a trajectory: tool and arguments."""


class ScriptedEndpoint:
    """Served from this process on loopback. A context manager; safe under many threads."""

    def __init__(self, fixes: Sequence[KnownFix], script: Script) -> None:
        self._scripts = [(" ".join(fix.statement.split()), script(fix)) for fix in fixes]
        self._lock = threading.Lock()
        self.strange: list[str] = []
        """Requests that are not in the script: none should be made."""
        self._server: _Server | None = None

    @property
    def address(self) -> str:
        """What a model's ``api_base`` is to be."""
        assert self._server
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def answer(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Answer one request: the script's next step after those that the conversation shows."""
        time.sleep(SECONDS)
        messages = request["messages"]
        said = " ".join(" ".join(_text(message["content"]) for message in messages[:3]).split())
        steps = next((steps for statement, steps in self._scripts if statement in said), None)
        step = sum(message["role"] == "assistant" for message in messages)
        if steps is None or step >= len(steps) or not request.get("tools"):
            with self._lock:
                self.strange.append(f"step {step}: {said[:80]}")
            return 400, {"error": {"message": "this is not in the script", "type": "invalid_request_error"}}
        name = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()[:8]
        calls = [
            {
                "id": f"call_{name}_{number}",
                "type": "function",
                "function": {"name": tool, "arguments": json.dumps(arguments)},
            }
            for number, (tool, arguments) in enumerate(steps[step])
        ]
        message = {"role": "assistant", "content": f"Step {step + 1}.", "tool_calls": calls}
        size = sum(len(_text(message["content"])) for message in messages) // 4
        return 200, {
            "id": name,
            "object": "chat.completion",
            "created": 0,
            "model": request["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
            "usage": {"prompt_tokens": size, "completion_tokens": 50, "total_tokens": size + 50},
        }

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.endpoint = self
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    endpoint: ScriptedEndpoint
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        raw = self.rfile.read(length)
        if len(raw) < length:  # the run was killed in the middle of asking
            return
        status, body = self.server.endpoint.answer(json.loads(raw))
        content = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except ConnectionError:
            return  # the run was killed while it waited

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing on the terminal."""


def _text(content: Any) -> str:
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content)
    return str(content or "")
