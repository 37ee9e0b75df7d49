"""Text of a source file that turns back into the very same bytes."""

from __future__ import annotations

import codecs
import io
import tokenize
from dataclasses import dataclass


@dataclass(frozen=True)
class SourceText:
    """A decoded file. ``text`` keeps line ends and a byte order mark, so encoding it returns the file's bytes."""

    text: str
    encoding: str

    @classmethod
    def of(cls, raw: bytes) -> SourceText:
        """Decode as UTF-8, as UTF-16 with its mark, as the coding line says, else as Latin-1, which takes any byte."""
        for encoding in ("utf-8", *_marked_encoding(raw), _declared_encoding(raw)):
            try:
                text = raw.decode(encoding)
                if text.encode(encoding) == raw:
                    return cls(text, encoding)
            except (UnicodeError, LookupError):
                continue
        return cls(raw.decode("latin-1"), "latin-1")

    @property
    def newline(self) -> str:
        """The line end that most lines have."""
        crlf = self.text.count("\r\n")
        return "\r\n" if crlf * 2 > self.text.count("\n") else "\n"

    def encode(self, text: str) -> bytes:
        """Return the bytes of a changed text in this file's encoding. Raises UnicodeEncodeError."""
        return text.encode(self.encoding)


def shown(raw: bytes) -> str:
    """Return a file as a model sees it: no byte order mark, plain line feeds."""
    return SourceText.of(raw).text.removeprefix("\ufeff").replace("\r\n", "\n")


def _marked_encoding(raw: bytes) -> tuple[str, ...]:
    """Return the encoding that a byte order mark tells; the mark itself stays in the text."""
    marks = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
    return tuple(encoding for mark, encoding in marks if raw.startswith(mark))


def _declared_encoding(raw: bytes) -> str:
    try:
        return tokenize.detect_encoding(io.BytesIO(raw).readline)[0]
    except SyntaxError:
        return "utf-8"
