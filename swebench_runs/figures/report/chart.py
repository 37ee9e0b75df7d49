"""The scaling curve: best@k of every rule between pass@1 and the oracle, as a picture for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from swebench_runs.figures.drawing import draw, shares
from swebench_runs.figures.metrics.curves import DECISION, Curves
from swebench_runs.figures.palette import SERIES, light

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

STRONG = ("runoff", DECISION)
MARKERS = "osD^vPX*"
STROKES = ("-", "--", ":")


def scaling_chart(curves: Curves | None) -> str | None:
    """Return the picture as SVG; None without trajectories, or where nothing is compared."""
    if curves is None or not curves.ks or set(curves.rules) <= {DECISION}:
        return None
    found = curves

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        oracle = [estimate.value or 0.0 for estimate in found.oracle]
        _reference(axes, found.ks, oracle, "oracle")
        for number, (name, points) in enumerate(found.rules.items()):
            _rule(axes, number, name, [p.k for p in points], [p.best.value or 0.0 for p in points])
        _reference(axes, found.ks, [found.pass_at_1.value or 0.0] * len(found.ks), "pass@1")
        axes.set_xlabel("trajectories (k)")
        axes.set_xticks(found.ks)
        axes.set_ylim(0, min(1.0, max(0.1, 1.1 * max(oracle))))
        shares(axes.yaxis)
        # Beside the lines, in the order in which they end.
        lines = sorted(axes.lines, key=_end, reverse=True)
        figure.legend(lines, [str(line.get_label()) for line in lines], loc="outside right center")

    return draw(paint, width=9, height=4.2)


def _end(line: Line2D) -> float:
    return float(np.asarray(line.get_ydata())[-1])


def _reference(axes: Axes, ks: tuple[int, ...], values: list[float], name: str) -> None:
    axes.plot(ks, values, color=light("soft"), linestyle="--", linewidth=1.2, marker=".", label=name)


def _rule(axes: Axes, number: int, name: str, ks: list[int], values: list[float]) -> None:
    """Draw a rule; one that exists at full k only (the decision) is a single mark."""
    strong = name in STRONG
    axes.plot(
        ks,
        values,
        color=light("accent" if strong else SERIES[number % len(SERIES)]),
        linestyle="-" if strong else STROKES[number // len(SERIES) % len(STROKES)],
        linewidth=2.6 if strong else 1.4,
        marker=MARKERS[number % len(MARKERS)],
        markersize=9 if len(ks) == 1 else 4.5,
        label=name,
        zorder=4 if strong else 2.5,
    )
