"""Text from outside, made fit for where it goes: once, where it comes in or goes out.

What comes in: ``decoded`` for bytes that a person wrote, ``readable`` for an issue. What goes out: ``writable`` for
files, ``sendable`` for models, ``one_line`` and ``inert`` for terminals.
"""

from __future__ import annotations

import codecs
import re
from typing import Any

_LONE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Surrogates on their own, but for those by which Python carries bytes that are not UTF-8 (surrogateescape)."""
_BYTE = re.compile("[\udc80-\udcff]")
_STEERING = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_]?)")
"""Escape sequences by which programs colour and move what a terminal shows."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""What has no place in a text that people read: control characters and what turns the order of letters around."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before the mark of UTF-16, which it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def amount(number: int, one: str, many: str | None = None) -> str:
    """Write a number of things: 1 test, 2 tests."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def decoded(raw: bytes) -> str:
    """Decode what a person wrote: by its byte order mark, which goes; else as UTF-8, UTF-16, and at last Latin-1."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw.removeprefix(mark).decode(encoding, errors="replace")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = None
    if text is not None and "\0" not in text:
        return text
    # Letters of most languages are one byte and a zero in UTF-16, whose mark was lost.
    half = len(raw) // 2
    for encoding, zeros in (("utf-16-le", raw[1::2]), ("utf-16-be", raw[::2])):
        if half and zeros.count(0) * 2 > half:
            return raw.decode(encoding, errors="replace")
    return raw.decode("cp1252", errors="replace") if text is None else text


def writable(text: str) -> str:
    """Replace what no file and no wire can hold: JSON may spell half a character, and answers and issues are JSON."""
    return _LONE.sub("\ufffd", text)


def sendable(text: str) -> str:
    """Return text that any endpoint takes: nothing that UTF-8 cannot say, no NUL. Bytes in it are read as Latin-1."""
    return _BYTE.sub(lambda byte: chr(ord(byte[0]) - 0xDC00), writable(text)).replace("\0", "\ufffd")


def sendable_json(value: Any) -> Any:
    """Return a JSON value whose texts, keys included, are ``sendable``."""
    if isinstance(value, str):
        return sendable(value)
    if isinstance(value, dict):
        return {sendable(str(key)): sendable_json(inner) for key, inner in value.items()}
    return [sendable_json(inner) for inner in value] if isinstance(value, list | tuple) else value


def readable(text: str) -> str:
    """Return an issue as a person and a model read it: ``sendable``, no escape sequences, no other control characters.

    Ends of lines, tabs and form feeds stay.
    """
    return _CONTROL.sub("", _STEERING.sub("", sendable(text)))


def one_line(text: str, limit: int = 2000) -> str:
    """Return text as one line that a terminal only shows: control and direction characters are written out."""
    line = " ".join(text.split())
    shown = line if len(line) <= limit else f"{line[:limit]} ..."
    return shown if shown.isprintable() else "".join(map(_shown, shown))


def inert(text: str) -> str:
    """Return text, its lines and tabs kept, that a terminal only shows."""
    return "".join(c if c in "\n\t" else _shown(c) for c in text.replace("\r\n", "\n"))


def _shown(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
