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


RESERVED = 20
"""Connections beyond those, for health and figures alone: a server that is full says so instead of seeming dead."""
ALWAYS = ("/healthz", "/metrics")


class Door:
    """What makes the protocol of each connection to a server of aiohttp, which has no such ceilings of its own."""

    def __init__(self, most: int = MOST, head_seconds: float = HEAD_SECONDS, reserved: int = RESERVED) -> None:
        """Let so many in at once, each with so many seconds for its first request's head.

        ``reserved``: so many more, which are asked for health and figures (``ALWAYS``) and closed after one answer; of
        those the one that has been silent the longest makes way for the next, so that nobody can hold them.
        """
        self._most, self._seconds, self._reserved = most, head_seconds, reserved
        self._silent: set[asyncio.BaseProtocol | None] = set()
        self._beyond: dict[web.RequestHandler, bool] = {}
        """The connections beyond ``most``, the oldest first, and whether they have been seen open."""

    def of(self, server: web.Server) -> Callable[[], asyncio.BaseProtocol]:
        """Return what makes a server's protocols."""

        def entered() -> asyncio.BaseProtocol:
            there = set(server.connections)  # one that was made just now is not among them yet
            self._beyond = {
                one: one in there for one, was_there in self._beyond.items() if one in there or not was_there
            }
            is_full = len(there.difference(self._beyond)) >= self._most
            if is_full and not self._make_way():
                return _Refusal()
            connection = server()
            if is_full:
                self._beyond[connection] = False
            self._silent.add(connection)
            asyncio.get_running_loop().call_later(self._seconds, self._look, connection)
            return connection

        return entered

    def listen(self, served: web.Application) -> None:
        """Have an application, which is not running yet, say when a head is there."""

        @web.middleware
        async def heard(request: web.Request, handler: Handler) -> web.StreamResponse:
            self._silent.discard(request.protocol)
            if request.protocol not in self._beyond:
                return await handler(request)
            if request.path in ALWAYS:
                answer = await handler(request)
            else:
                answer = web.json_response({"said": "too many connections are open: deliver it again"}, status=503)
            answer.force_close()
            return answer

        served.middlewares.append(heard)

    def _make_way(self) -> bool:
        """Have room for one more of those beyond; False where all that are there are being answered."""
        if len(self._beyond) < self._reserved:
            return True
        oldest = next((one for one in self._beyond if one in self._silent), None)
        if oldest is None:
            return False
        self._look(oldest)
        return True

    def _look(self, connection: web.RequestHandler) -> None:
        if connection in self._silent:
            self._silent.remove(connection)
            self._beyond.pop(connection, None)
            connection.force_close()


class _Refusal(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.abort()
