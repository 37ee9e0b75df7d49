"""Text from outside, made fit for one line of a terminal."""

from __future__ import annotations


def plain(text: str) -> str:
    """Return text as one line that cannot steer a terminal: models and test output are not trusted."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
