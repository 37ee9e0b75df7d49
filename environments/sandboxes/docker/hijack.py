"""The raw two-way stream of ``docker exec``, from its first byte.

docker-py reads the answer's head through a buffer and hands out the socket below it: what the engine sent along with
the head is lost, which happens on a busy machine. So the few lines of HTTP are spoken here.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from environments.sandboxes.contract import SandboxError

if TYPE_CHECKING:
    from environments.sandboxes.docker.engine import Engine

_HEAD = 64 << 10
_SECONDS = 60.0
_TLS_PORT, _PLAIN_PORT = 2376, 2375


@dataclass(frozen=True)
class Stream:
    """A connected stream; the caller closes the socket."""

    socket: socket.socket
    opening: bytes
    """What came along with the head."""


class RefusedStreamError(Exception):
    """The engine answered with an error instead of a stream: its words."""


def start_exec(engine: Engine, exec_id: str) -> Stream:
    """Start an exec that was created, and return its stream.

    Raises:
        RefusedStreamError: the engine would not start it.
        SandboxError: the engine cannot be reached.
    """
    body = json.dumps({"Detach": False, "Tty": False}).encode()
    head = (
        f"POST /v{engine.api.api_version}/exec/{exec_id}/start HTTP/1.1\r\nHost: docker\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
    )
    try:
        connection = _connect(engine)
        try:
            connection.sendall(head.encode() + body)
            answer, opening = _read_head(connection)
            status = int(answer.split(b" ", 2)[1])
            if status not in (101, 200):
                raise RefusedStreamError(_error_text(connection, opening))
        except BaseException:
            connection.close()
            raise
    except (OSError, ValueError, IndexError) as error:
        raise SandboxError(f"the Docker engine at {engine.host} broke off: {error}") from error
    connection.setblocking(False)
    return Stream(connection, opening)


def _connect(engine: Engine) -> socket.socket:
    address = urlsplit(engine.host)
    if address.scheme in ("unix", "http+unix"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_SECONDS)
        connection.connect(address.path or address.netloc)
        return connection
    if address.scheme not in ("tcp", "http", "https"):
        raise SandboxError(f"DOCKER_HOST={engine.host} is of a kind that sandboxes cannot use: use unix:// or tcp://")
    port = address.port or (_TLS_PORT if engine.tls else _PLAIN_PORT)
    plain = socket.create_connection((address.hostname or "127.0.0.1", port), timeout=_SECONDS)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _with_tls(plain, address.hostname) if engine.tls else plain


def _with_tls(plain: socket.socket, hostname: str | None) -> socket.socket:
    folder = Path(os.environ.get("DOCKER_CERT_PATH") or Path.home() / ".docker")
    context = ssl.create_default_context(cafile=folder / "ca.pem")
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context.wrap_socket(plain, server_hostname=hostname)


def _read_head(connection: socket.socket) -> tuple[bytes, bytes]:
    seen = b""
    while b"\r\n\r\n" not in seen:
        chunk = connection.recv(4096)
        if not chunk or len(seen) > _HEAD:
            raise OSError("it closed the connection before it answered")
        seen += chunk
    head, _, rest = seen.partition(b"\r\n\r\n")
    return head, rest


def _error_text(connection: socket.socket, opening: bytes) -> str:
    text = opening
    while len(text) < _HEAD and b"}" not in text and (chunk := connection.recv(4096)):
        text += chunk
    try:
        return str(json.loads(text[text.index(b"{") : text.rindex(b"}") + 1])["message"])
    except (ValueError, KeyError, TypeError):
        return text.decode(errors="replace").strip()
