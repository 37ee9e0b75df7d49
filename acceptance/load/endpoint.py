"""The scripted model on loopback, in a process of its own: each answer takes so many seconds.

``python -m acceptance.load.endpoint SECONDS`` prints its address and serves until its standard input closes.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from acceptance.load.script import answer


class Handler(BaseHTTPRequestHandler):
    """Answers chat completions."""

    protocol_version = "HTTP/1.1"  # connections are kept, as a real endpoint's are
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answer one request, late."""
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        time.sleep(float(sys.argv[1]))
        tools = [tool["function"]["name"] for tool in asked.get("tools") or ()]
        content = json.dumps(answer(asked["messages"], tools)).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024


def main() -> None:
    """Serve until standard input ends."""
    server = _Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}/v1", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
