"""Text from outside, made fit to be written down."""

from __future__ import annotations

import re

_LONE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Surrogates on their own, but for those by which Python carries bytes that are not UTF-8 (surrogateescape)."""


def writable(text: str) -> str:
    """Replace what no file and no wire can hold: JSON may spell half a character, and answers and issues are JSON."""
    return _LONE.sub("\ufffd", text)
