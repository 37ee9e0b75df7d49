"""Where a verb prints."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook
from rich.segment import Segment

from environments.text import inert

LOG_WIDTH = 120
"""Columns of a table in a log or a pipe, which has no width of its own."""


def terminal(*, stderr: bool = False) -> Console:
    """Return the console on standard output, or standard error. What is printed there cannot steer the terminal."""
    stream = sys.stderr if stderr else sys.stdout
    console = Console(stderr=stderr, width=None if stream.isatty() else LOG_WIDTH)
    console.push_render_hook(_Inert())
    return console


class _Inert(RenderHook):
    """Shows escape sequences in names, reasons and output of others as text; rich's own stay what they are."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        """Wrap what is about to be printed."""
        return [_Shown(renderable) for renderable in renderables]


class _Shown:
    def __init__(self, inner: ConsoleRenderable) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        segments: Iterable[Segment] = console.render(self._inner, options)
        for segment in segments:
            yield segment if segment.control else Segment(inert(segment.text), segment.style)
