"""Where a verb prints."""

from __future__ import annotations

import sys

from rich.console import Console

LOG_WIDTH = 120
"""Columns of a table in a log or a pipe, which has no width of its own."""


def terminal(*, stderr: bool = False) -> Console:
    """Return the console on standard output, or standard error."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else LOG_WIDTH)
