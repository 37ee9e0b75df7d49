"""A scripted model that counts by the ids of calls, and fails as it is told to; a process that may be killed.

``python -m acceptance.batch.soak.endpoint PORT FOLDER`` prints its address and serves until its standard input ends.
``FOLDER/billed.jsonl`` is its account: a line when a request has come, and one before its answer is sent, so that what
it billed is on it though it or the caller died then. ``FOLDER/trouble`` says how it fails now.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import struct
import sys
import threading
import time
from contextlib import suppress
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from swebench_runs.bench.scripted_server import ScriptedHandler

MODEL = "scripted-soak"
CALL = "X-Client-Request-Id"
SECONDS = 0.3
"""Of an answer."""
EDITS = 3
"""Different patches of a task's trajectories."""
LOOK = "ls; head -c 200 *.py"
MEMORY = "python3 -c 'x = b\"x\" * (1 << 30)'; echo ended with $?"
DISK = "head -c 400000000 /dev/zero > /tmp/large; echo ended with $?"
SLOW = "sleep 1; echo slept"
TRY = "python3 -m pytest -q -x tests 2>&1 | tail -1 | sed 's/ in .*//'"

Json = dict[str, Any]


def command(request: Json) -> str | None:
    """Return what a trajectory does next, by its step, its number and its task; None: it hands in."""
    step = sum(message["role"] == "assistant" for message in request["messages"])
    number = int(request.get("seed") or 0) // 100
    told = re.search(r"Report (\d+)\.", json.dumps(request["messages"]))
    drawn = int(hashlib.sha256(f"{told[1] if told else 0} {number}".encode()).hexdigest(), 16)
    edit = f"printf 'ANSWER = {number % EDITS}\\n' > made_{number % EDITS}.py; cat made_*.py"
    special = {0: MEMORY, 1: DISK, 2: SLOW}.get(drawn % 12, TRY if drawn % 3 == 0 else "git status --short")
    steps = [LOOK, edit, special]
    return steps[step] if step < len(steps) else None


def answer(request: Json, prompt: int, completion: int) -> Json:
    """Return a chat completion that takes so many tokens."""
    line = command(request)
    name, arguments = ("submit", {}) if line is None else ("bash", {"command": line})
    call = {"id": f"call_{prompt}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
    message = {"role": "assistant", "content": "I go on.", "tool_calls": [call]}
    return {
        **{"id": "soak", "object": "chat.completion", "created": 0, "model": MODEL},
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
    }


class Server(ThreadingHTTPServer):
    """Serves a port that was chosen before, so that it is found again after its death."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, port: int, folder: Path) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self._trouble = folder / "trouble"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        self._account = os.open(folder / "billed.jsonl", flags, 0o644)

    def trouble(self) -> str:
        """Return how it fails now; empty: it does not."""
        with suppress(OSError):
            return self._trouble.read_text().strip()
        return ""

    def note(self, event: str, call: str, **fields: int) -> None:
        """Put a line on its account."""
        os.write(self._account, json.dumps({"event": event, "call": call, **fields}).encode() + b"\n")


class Handler(ScriptedHandler):
    """Answers one request."""

    server: Server

    def do_GET(self) -> None:
        """List the model."""
        self.send({"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    def do_POST(self) -> None:
        """Answer a chat, or fail as is told."""
        try:
            raw = self.body()
            call, trouble = str(self.headers.get(CALL)), self.server.trouble()
            self.server.note("asked", call)
            time.sleep(SECONDS)
            if trouble in ("429", "500", "503"):
                return self._refuse(int(trouble))
            if trouble == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                self.connection.close()
                return None
            drawn = int(hashlib.sha256(call.encode()).hexdigest(), 16)
            prompt, completion = 1000 + drawn % 997, 20 + drawn % 89
            made = answer(json.loads(raw), prompt, completion)
            self.server.note("billed", call, prompt=prompt, completion=completion)
            if trouble == "half":
                self._half(json.dumps(made).encode())
            else:
                self.send(made)
        except OSError:
            self.close_connection = True  # who asked is gone
        return None

    def _refuse(self, status: int) -> None:
        body = json.dumps({"error": {"message": f"on purpose: {status}", "type": "server_error"}}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        if status != 500:
            self.send_header("retry-after", "1")
        self.end_headers()
        self.wfile.write(body)

    def _half(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True


def main() -> None:
    """Serve until standard input ends."""
    server = Server(int(sys.argv[1]), Path(sys.argv[2]))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}/v1", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
