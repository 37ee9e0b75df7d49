"""What a view is made of: titled texts, diffs and tables. Whoever shows them makes them inert for where they go."""

from __future__ import annotations

from dataclasses import dataclass

SHOWN_CHARACTERS = 40_000
"""Of one text in a browser or on a page; the whole of it is in the run's files, and in plain lines."""


@dataclass(frozen=True)
class Diff:
    """A unified diff."""

    text: str


@dataclass(frozen=True)
class Grid:
    """A table."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Body = str | Diff | Grid


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it; an empty text is a heading alone."""

    title: str
    body: Body = ""


def clipped(text: str, most: int = SHOWN_CHARACTERS) -> str:
    """Cut a text that would slow a view down, and say so."""
    if len(text) <= most:
        return text
    return f"{text[:most]}\n[... {len(text) - most:,} more characters in the run's files]"
