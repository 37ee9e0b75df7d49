"""Numbers of tokens, which endpoints write in quotation marks, as fractions, or make up."""

from __future__ import annotations

from typing import Any

MOST = 10**9
"""More than any call takes: what is above it is no number of tokens."""


def tokens(value: Any) -> int:
    """Return a number of tokens; 0 for what is none."""
    if isinstance(value, str) and len(value) <= 12 and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST:
        return 0
    return int(value)
