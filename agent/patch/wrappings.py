"""A diff taken out of what it came in: a terminal's colours, a mail's encoding, a quotation, a JSON text.

Only what hides a diff is taken off; a text whose lines already begin as a diff's do stays as it is.
"""

from __future__ import annotations

import json
import re
from email import message_from_string

_COLOUR = re.compile(r"\x1b\[[0-9;]*[mK]")
_COLOURED = re.compile(r"^(?:\x1b\[[0-9;]*[mK])+(?:diff |--- |\+\+\+ |@@ )", re.MULTILINE)
_BARE = re.compile(r"^(?:diff --git |--- \S)", re.MULTILINE)
_QUOTED = re.compile(r"^([>|\t ]{1,40})(?:diff --git |--- \S.*\n\1\+\+\+ )", re.MULTILINE)
_ENCODED = re.compile(r"^Content-Transfer-Encoding:[ \t]*(?:quoted-printable|base64)", re.MULTILINE | re.IGNORECASE)
_MAIL = re.compile(r"\s{0,9}(?:From |[A-Za-z][A-Za-z-]{0,60}:[ \t])")
_DOUBLE = re.compile(r"^--- [^\n]*\n\n\+\+\+ [^\n]*\n\n@@ ", re.MULTILINE)
_DOUBLE_HEAD = re.compile(r"^(--- [^\n]*|\+\+\+ [^\n]*|@@ -[^\n]*)\n\n", re.MULTILINE)


def unwrapped(text: str) -> str:
    """Return the diff in a text, as its writer had it; a text that holds none in a form known here as it is."""
    if _MAIL.match(text) and _ENCODED.search(text):
        text = _mailed(text)
    if _COLOURED.search(text):
        text = _COLOUR.sub("", text)
    text = _on_lines(text)
    if not _BARE.search(text):
        text = _quoted(text)
    # difflib.unified_diff ends its own lines, and who joins them by line feeds ends them twice.
    return _DOUBLE_HEAD.sub(r"\1\n", text) if _DOUBLE.search(text) else text


def _mailed(text: str) -> str:
    """Return what a mail says, as it was before it was sent: git format-patch and mailing lists write one."""
    parts = [part.get_payload(decode=True) for part in message_from_string(text.lstrip()).walk()]
    said = b"\n".join(part for part in parts if isinstance(part, bytes))
    return said.decode("utf-8", "surrogateescape") or text


def _on_lines(text: str) -> str:
    """Give a text its ends of lines: of one that is still written as JSON, or that ends them with returns alone."""
    inner = text.strip().removeprefix('"').removesuffix('"')
    if "\n" not in inner and inner.startswith(("diff ", "--- ")) and "\\n" in inner:
        try:
            return str(json.loads(f'"{inner}"'))
        except ValueError:
            return text
    return text.replace("\r", "\n") if "\n" not in inner and "\r" in inner else text


def _quoted(text: str) -> str:
    """Take off what stands in front of each of a diff's lines: a quotation's marks, or an indent."""
    found = _QUOTED.search(text)
    if found is None:
        return text
    mark = found[1]
    lines = text[found.start() :].split("\n")
    return "\n".join("" if line == mark.rstrip() else line.removeprefix(mark) for line in lines)
