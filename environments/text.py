"""Text from outside, made fit to be written down."""

from __future__ import annotations

import re

_LONE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Surrogates on their own, but for those by which Python carries bytes that are not UTF-8 (surrogateescape)."""


def writable(text: str) -> str:
    """Replace what no file and no wire can hold: JSON may spell half a character, and answers and issues are JSON."""
    return _LONE.sub("\ufffd", text)


def one_line(text: str, limit: int = 2000) -> str:
    """Return text as one line that a terminal only shows: control and direction characters are written out."""
    line = " ".join(text.split())
    shown = line if len(line) <= limit else f"{line[:limit]} ..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in shown)
