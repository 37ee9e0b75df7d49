"""Keeps the head and the tail of a stream, and names the cut between them."""

from __future__ import annotations

from collections import deque


class Capture:
    """Takes any number of bytes and holds at most about ``limit`` of them."""

    def __init__(self, limit: int) -> None:
        self._head_room = limit // 2
        self._tail_room = limit - limit // 2
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._cut = 0

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the stream."""
        room = self._head_room - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        if not chunk:
            return
        self._tail.append(chunk)
        self._tail_size += len(chunk)
        while self._tail_size - len(self._tail[0]) >= self._tail_room:
            dropped = len(self._tail.popleft())
            self._tail_size -= dropped
            self._cut += dropped

    def result(self) -> bytes:
        """Return what was kept: all, or head, a line that says how many bytes were cut, and tail."""
        tail = b"".join(self._tail)
        surplus = max(0, len(tail) - self._tail_room)
        cut = self._cut + surplus
        if not cut:
            return bytes(self._head) + tail
        return bytes(self._head) + b"\n[... %d bytes cut ...]\n" % cut + tail[surplus:]
