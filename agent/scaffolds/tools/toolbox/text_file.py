"""A file as text that is edited and written back with every untouched byte as it was."""

from __future__ import annotations

from dataclasses import dataclass


class NotText(Exception):
    """The file's bytes are no text, or a text cannot be written in the file's encoding; the message is for a model."""


@dataclass(frozen=True)
class TextFile:
    """A file's text with its line ends as they stand in it."""

    text: str
    encoding: str
    """``utf-8``, or ``latin-1`` where it is not that: each byte a character, so that none is lost."""

    @classmethod
    def of(cls, content: bytes, path: str) -> TextFile:
        """Read bytes."""
        if b"\0" in content:
            raise NotText(f"{path} is not a text file.")
        try:
            return cls(content.decode("utf-8"), "utf-8")
        except UnicodeDecodeError:
            return cls(content.decode("latin-1"), "latin-1")

    @property
    def newline(self) -> str:
        """The line end that the file uses."""
        return "\r\n" if 2 * self.text.count("\r\n") > self.text.count("\n") else "\n"

    @property
    def lines(self) -> list[str]:
        """Its lines without their ends."""
        return [line.removesuffix("\r") for line in self.text.removeprefix("\ufeff").split("\n")]

    def own(self, text: str) -> str:
        """Return a model's text with the file's line ends: models write ``\\n``, whatever they were shown."""
        plain = text.replace("\r\n", "\n")
        return plain if self.newline == "\n" else plain.replace("\n", self.newline)

    def places(self, wanted: str) -> list[int]:
        """Return where a text stands in it, overlapping places too."""
        found: list[int] = []
        at = self.text.find(wanted)
        while at >= 0 and len(found) < 1000:
            found.append(at)
            at = self.text.find(wanted, at + 1)
        return found

    def line_at(self, place: int) -> int:
        """Return the number of the line, from 1, that a place is in."""
        return self.text.count("\n", 0, place) + 1

    def with_text(self, text: str, path: str) -> bytes:
        """Return the bytes of another text in the same encoding."""
        try:
            return text.encode(self.encoding)
        except UnicodeEncodeError as error:
            letter = error.object[error.start]
            raise NotText(
                f"{path} is encoded in Latin-1, which has no {letter!r} (U+{ord(letter):04X}): write it another way."
            ) from None
