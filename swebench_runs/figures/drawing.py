"""Pictures by matplotlib as SVG text: the same bytes for the same figures, in the reader's colours, loading nothing."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from swebench_runs.figures.palette import PALETTE, light, style_sheet

if TYPE_CHECKING:
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

Paint = Callable[["Figure"], None]
"""Fills a figure."""


def draw(paint: Paint, *, width: float, height: float) -> str:
    """Return a picture as an ``svg`` element to stand in a page that defines the palette; sizes in inches."""
    text = _svg(paint, width, height)
    # A page's parser knows the namespaces; without them the page holds no address at all.
    return re.sub(r' xmlns(?::xlink)?="[^"]*"', "", text)


def draw_file(paint: Paint, *, width: float, height: float, title: str) -> str:
    """Return a picture as a file of its own, which brings the palette along."""
    text = _svg(paint, width, height)
    head, rest = text.split(">", 1)
    style = f"svg {{ background: var(--paper); }}\n{style_sheet('svg')}"
    return f'{head} role="img" aria-label="{title}">\n<style>\n{style}</style>{rest}'


def _svg(paint: Paint, width: float, height: float) -> str:
    with _plain_settings():
        # Late: matplotlib takes a second to import, which a command that draws nothing should not wait for.
        from matplotlib.figure import Figure

        figure = Figure(figsize=(width, height), layout="constrained")
        paint(figure)
        written = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(written, format="svg", metadata=nothing)
    text = written.getvalue()
    return _in_readers_colours(text[text.index("<svg") :])


@contextmanager
def _plain_settings() -> Iterator[None]:
    """Draw by matplotlib's own defaults and ours: a ``matplotlibrc`` in the current folder is anybody's."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it tells of its font cache, which nobody asked for
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            {
                "svg.fonttype": "none",  # texts stay texts: small, and found by a search
                "svg.hashsalt": "runoff",
                "text.parse_math": False,
                "font.size": 9,
                "figure.facecolor": "none",
                "axes.facecolor": "none",
                "savefig.facecolor": "none",
                "legend.frameon": False,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.grid": True,
                "axes.axisbelow": True,
                "axes.titlelocation": "left",
                "axes.titleweight": "bold",
                "text.color": light("ink"),
                "axes.titlecolor": light("ink"),
                "axes.labelcolor": light("soft"),
                "xtick.color": light("soft"),
                "ytick.color": light("soft"),
                "axes.edgecolor": light("soft"),
                "grid.color": light("line"),
            }
        )
        yield


def shares(axis: Axis) -> None:
    """Write an axis in whole per cent."""
    from matplotlib.ticker import PercentFormatter

    axis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def _in_readers_colours(text: str) -> str:
    """Name the colours instead of fixing them, so that the page's, or the reader's, setting decides."""
    names = {pair[0]: name for name, pair in PALETTE.items()}
    return re.sub(r"#[0-9a-f]{6}\b", lambda found: f"var(--{names[found[0]]})" if found[0] in names else found[0], text)
