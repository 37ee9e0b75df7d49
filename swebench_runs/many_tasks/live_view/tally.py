"""What the samples of a task have come to, read from the steps of its sampling trajectories."""

from __future__ import annotations

import re
from collections.abc import Iterable

_COUNTS = re.compile(r"(\d+) samples, (\d+) different, (\d+) pass\b")
"""As `agent.scaffolds.sampling.sieve.Counts` says it."""


def counts_of(step: str) -> tuple[int, int, int] | None:
    """Return the samples, those of them that differ, and those that survive; None where a step tells of none."""
    found = _COUNTS.match(step)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def in_words(counts: Iterable[tuple[int, int, int]]) -> str:
    """Add up several trajectories' counts; empty where there are none."""
    columns = [sum(column) for column in zip(*counts, strict=True)]
    return f"{columns[0]} samples, {columns[1]} different, {columns[2]} survive" if columns else ""
