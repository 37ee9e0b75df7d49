"""Takes apart the stream of an exec without a terminal: frames of a head of 8 bytes and what was printed."""

from __future__ import annotations

from collections.abc import Callable

_HEAD = 8
_STREAMS = (0, 1, 2)


class Frames:
    """Feeds a sink with what the frames hold, in their order, in whatever pieces they come."""

    def __init__(self, sink: Callable[[bytes], None]) -> None:
        self._sink = sink
        self._head = b""
        self._left = 0
        self._raw = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the stream; what is no frame is passed on as it is (engines complain that way)."""
        while chunk:
            if self._raw:
                self._sink(chunk)
                return
            if self._left:
                taken, chunk = chunk[: self._left], chunk[self._left :]
                self._left -= len(taken)
                self._sink(taken)
                continue
            missing = _HEAD - len(self._head)
            self._head, chunk = self._head + chunk[:missing], chunk[missing:]
            if len(self._head) == _HEAD:
                self._open_frame()

    def close(self) -> None:
        """Pass on what came of a head that was never finished."""
        if self._head:
            self._sink(self._head)
            self._head = b""

    def _open_frame(self) -> None:
        if self._head[0] in _STREAMS and self._head[1:4] == b"\0\0\0":
            self._left = int.from_bytes(self._head[4:], "big")
            self._head = b""
        else:
            self._raw = True
            head, self._head = self._head, b""
            self._sink(head)
