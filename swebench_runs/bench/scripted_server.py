"""A scripted endpoint on loopback, in a process of its own: what every scripted model of a measurement shares.

Only the standard library is used here.
"""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ScriptedHandler(BaseHTTPRequestHandler):
    """Takes and gives JSON; what is answered is its heirs' part."""

    protocol_version = "HTTP/1.1"  # connections are kept, as a real endpoint's are
    disable_nagle_algorithm = True

    def body(self) -> bytes:
        """Return the request's body."""
        return self.rfile.read(int(self.headers["content-length"]))

    def send(self, value: object) -> None:
        """Answer with a value as JSON."""
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on the terminal."""


class ScriptedServer(ThreadingHTTPServer):
    """Serves any number of callers at once on a free port of 127.0.0.1, or of another of this machine's addresses."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, handler: type[ScriptedHandler], host: str = "127.0.0.1") -> None:
        super().__init__((host, 0), handler)

    def serve_till_input_ends(self, path: str = "") -> None:
        """Print the address, with ``path`` behind it, and serve until standard input ends."""
        threading.Thread(target=self.serve_forever, daemon=True).start()
        print(f"http://{self.server_address[0]!s}:{self.server_port}{path}", flush=True)
        sys.stdin.read()
