"""Moves a command's bytes both ways, and notices that it has ended or must end."""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import time
from collections.abc import Callable
from typing import Protocol

from environments.sandboxes.docker.hijack import Stream

_CHUNK = 1 << 16
_LOOK = 0.25
"""Seconds between two looks at whether the command still runs, while something holds its output open."""
_FIRST_LOOK = 0.001
"""Seconds to the second look once the output has ended: most commands have then ended too."""
_WAIT = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Watching(Protocol):
    """What looks at a command while it runs."""

    wake: int
    """A descriptor that becomes readable when the command must end."""

    @property
    def next(self) -> float:
        """When to ask for a verdict again, by ``time.monotonic``."""
        ...

    def verdict(self) -> str | None:
        """Return why the command must end; None: it may go on."""
        ...


class Pump:
    """Moves bytes both ways until the command ends or must end."""

    def __init__(self, stream: Stream, stdin: bytes | None, feed: Callable[[bytes], None]) -> None:
        """``stdin`` None: the command was given none; ``feed`` gets the stream's bytes as they come."""
        self._socket = stream.socket
        self._unsent = None if stdin is None else memoryview(stdin)
        self._feed = feed
        self._open = True

    def run(self, deadline: float, watch: Watching, runs: Callable[[], bool]) -> str | None:
        """Return why the command must end (``timeout``, ``closed``, or ``watch``'s verdict); None: it has ended."""
        look, pause = time.monotonic() + _LOOK, _LOOK
        with selectors.DefaultSelector() as selector:
            selector.register(watch.wake, selectors.EVENT_READ)
            selector.register(self._socket, self._interest())
            while True:
                now = time.monotonic()
                if now >= deadline:
                    return "timeout"
                if (reason := watch.verdict()) is not None:
                    return reason
                if now >= look:
                    if not runs():
                        return None
                    pause = _LOOK if self._open else min(2 * pause, _LOOK)
                    look = time.monotonic() + pause
                ready = selector.select(max(0.0, min(deadline, look, watch.next) - time.monotonic()))
                for key, events in ready:
                    if key.fd == watch.wake:
                        return "closed"
                    self._move(events)
                    if self._open:
                        selector.modify(self._socket, self._interest())
                    else:
                        selector.unregister(self._socket)
                        look, pause = time.monotonic(), _FIRST_LOOK

    def drain(self, seconds: float) -> None:
        """Take what is still on its way once nobody is left to write; a pause of that many seconds ends it."""
        self._socket.settimeout(seconds)
        with contextlib.suppress(OSError):
            while chunk := self._socket.recv(_CHUNK):
                self._feed(chunk)

    def _interest(self) -> int:
        return selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent is not None else 0)

    def _move(self, events: int) -> None:
        if events & selectors.EVENT_WRITE and self._unsent is not None:
            self._send()
        if events & selectors.EVENT_READ:
            self._receive()

    def _send(self) -> None:
        assert self._unsent is not None
        try:
            self._unsent = self._unsent[self._socket.send(self._unsent[:_CHUNK]) :] if self._unsent else self._unsent
            if not self._unsent:
                self._unsent = None
                if not isinstance(self._socket, ssl.SSLSocket):
                    self._socket.shutdown(socket.SHUT_WR)
        except _WAIT:
            return
        except OSError:  # the command ended without having read all
            self._unsent = None

    def _receive(self) -> None:
        try:
            while True:
                chunk = self._socket.recv(_CHUNK)
                if not chunk:
                    self._open = False
                    return
                self._feed(chunk)
                if not (isinstance(self._socket, ssl.SSLSocket) and self._socket.pending()):
                    return
        except _WAIT:
            return
        except OSError:  # what became of the command, the engine will say
            self._open = False
