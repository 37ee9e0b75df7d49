"""Who is let in: so many connections at once, and none that does not say what it wants."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler

MOST = 500
"""Connections at once: with the queue's and the work's files well below the 1,024 that a process may often have."""
HEAD_SECONDS = 10.0
"""How long a connection may take until its first request's head is there."""


class Door:
    """What makes the protocol of each connection to a server of aiohttp, which has no such ceilings of its own."""

    def __init__(self, most: int = MOST, head_seconds: float = HEAD_SECONDS) -> None:
        """Let so many in at once, each with so many seconds for its first request's head."""
        self._most, self._seconds = most, head_seconds
        self._silent: set[asyncio.BaseProtocol | None] = set()

    def of(self, server: web.Server) -> Callable[[], asyncio.BaseProtocol]:
        """Return what makes a server's protocols."""

        def entered() -> asyncio.BaseProtocol:
            if len(server.connections) >= self._most:
                return _Refusal()
            connection = server()
            self._silent.add(connection)
            asyncio.get_running_loop().call_later(self._seconds, self._look, connection)
            return connection

        return entered

    def listen(self, served: web.Application) -> None:
        """Have an application, which is not running yet, say when a head is there."""

        @web.middleware
        async def heard(request: web.Request, handler: Handler) -> web.StreamResponse:
            self._silent.discard(request.protocol)
            return await handler(request)

        served.middlewares.append(heard)

    def _look(self, connection: web.RequestHandler) -> None:
        if connection in self._silent:
            self._silent.remove(connection)
            connection.force_close()


class _Refusal(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.abort()
