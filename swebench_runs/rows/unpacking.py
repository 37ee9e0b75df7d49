"""A file's bytes, piece by piece: unpacked where it is compressed by gzip, as far as it can be, and never endlessly."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from environments.bounded import TooLarge

_GZIP = b"\x1f\x8b"
_PIECE = 1 << 20
_RATIO, _SMALL = 200, 64 << 20
"""A compressed file may unpack to so many times its size, or to the latter. JSON comes to some 5 to 50 times, a bomb to
1000."""


class Unpacked:
    """Reads a file from its start to its end."""

    def __init__(self, file: BinaryIO) -> None:
        self.damage = ""
        """What is wrong with it as a compressed file, if anything, once its end was reached."""
        self._pieces = self._unpacked(file)

    def read(self, size: int) -> bytes:
        """Return the next bytes: at least so many, unless the file ends before. TooLarge for a bomb."""
        found = bytearray()
        while len(found) < size and (piece := next(self._pieces, None)) is not None:
            found += piece
        return bytes(found)

    def lines(self, begun: bytes, longest: int) -> Iterator[bytes]:
        """Yield each line of ``begun`` and of all that follows it, without its end. TooLarge for a longer one."""
        piece: bytes | None = begun
        rest = b""
        while piece is not None:
            rest, start = rest + piece, 0
            while (end := rest.find(b"\n", start)) >= 0:
                yield rest[start:end]
                start = end + 1
            rest = rest[start:]
            if len(rest) > longest:
                raise TooLarge(f"has a JSON value of over {longest >> 20} MiB: write one value a line")
            piece = next(self._pieces, None)
        yield rest

    def _unpacked(self, file: BinaryIO) -> Iterator[bytes]:
        raw = file.read(_PIECE)
        if not raw.startswith(_GZIP):
            while raw:
                yield raw
                raw = file.read(_PIECE)
            return
        read, made = 0, 0
        while raw.startswith(_GZIP):
            member = zlib.decompressobj(wbits=31)
            while not member.eof:
                read += len(raw)
                try:
                    piece = member.decompress(raw, _PIECE)
                except zlib.error:
                    self.damage = "is compressed by gzip and damaged"
                    return
                made += len(piece)
                read -= len(member.unconsumed_tail)
                if made > max(_SMALL, _RATIO * read):
                    raise TooLarge(f"unpacks to over {_RATIO} times its size: gunzip it yourself if that is meant")
                if piece:
                    yield piece
                raw = member.unconsumed_tail or (b"" if member.eof else file.read(_PIECE))
                if not raw and not member.eof and not piece:
                    self.damage = "is compressed by gzip and was cut off"
                    return
            raw = member.unused_data
            if len(raw) < len(_GZIP):
                raw += file.read(_PIECE)
