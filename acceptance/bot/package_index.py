"""A proxy that leads to the package index and to nothing else: how a container without a network installs packages."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOSTS = ("pypi.org:443", "files.pythonhosted.org:443")
_QUIET = 120.0
"""Seconds without a byte after which a tunnel is taken down."""


@dataclass
class PackageIndex:
    """A running proxy."""

    url: str
    led: set[str] = field(default_factory=set)
    """Where it led."""
    refused: set[str] = field(default_factory=set)


@contextmanager
def package_index(address: str) -> Iterator[PackageIndex]:
    """Serve at an address until the block ends; tunnels (``CONNECT``) to ``HOSTS`` alone."""

    class Tunnel(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            if self.path not in HOSTS:
                made.refused.add(self.path)
                self.send_error(403)
                return
            made.led.add(self.path)
            host, _, port = self.path.partition(":")
            with socket.create_connection((host, int(port)), timeout=30) as there:
                self.send_response(200)
                self.end_headers()
                _carry(self.connection, there)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer((address, 0), Tunnel) as server:
        made = PackageIndex(f"http://{address}:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()


def _carry(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until a side ends."""
    across = {one: other, other: one}
    while ready := select.select([one, other], [], [], _QUIET)[0]:
        for side in ready:
            if not (said := side.recv(65536)):
                return
            across[side].sendall(said)
