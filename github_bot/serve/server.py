"""The server as one process: what listens, the queue on disk, and the workers, until it is told to end."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from github_bot.errors import NotConfigured
from github_bot.serve.door import Door
from github_bot.serve.queue import Queue
from github_bot.serve.webhook import application
from github_bot.serve.workers import Handle, Workers


def serve(
    file: Path,
    secret: str,
    handle: Handle,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    workers: int = 1,
    ready: Callable[[str], None] = print,
) -> None:
    """Take deliveries and work on them until SIGTERM or Ctrl-C; what was begun then goes on at the next start.

    Args:
        file: the queue's.
        secret: the webhook's own.
        handle: does what a delivery asks for.
        host: the address to listen at; a proxy with TLS stands before it.
        port: its port; 0: any.
        workers: how many deliveries are worked on at once.
        ready: told the server's address once it listens.
    """
    queue = Queue(file)
    try:
        # A worker that is gone would be missed by nobody: the server ends with it, and is started again from outside.
        with Workers(queue, handle, workers, failed=lambda: os.kill(os.getpid(), signal.SIGTERM)) as pool:
            asyncio.run(_listen(application(queue, secret, pool.wake), host, port, ready))
    finally:
        queue.close()


async def _listen(served: web.Application, host: str, port: int, ready: Callable[[str], None]) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    door = Door()
    door.listen(served)
    runner = web.AppRunner(served, access_log=None)
    await runner.setup()
    assert runner.server is not None
    entrance = door.of(runner.server)
    try:
        listening = await asyncio.get_running_loop().create_server(entrance, host, port, backlog=128)
    except OSError as error:
        await runner.cleanup()
        raise NotConfigured(f"cannot listen at {host}, port {port} ({error}): name others by --host, --port") from None
    try:
        address = listening.sockets[0].getsockname()
        ready(f"http://{address[0]}:{address[1]}")
        await ended.wait()
    finally:
        listening.close()
        await runner.cleanup()
