"""The bench's figures as one SVG file: gap closed, best@K, calibration, precision against coverage."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from swebench_runs.bench.rules.figures import Confidence, Scored, SelectionReport
from swebench_runs.figures.drawing import draw_file, shares
from swebench_runs.figures.palette import light

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {"consensus": "accent", "medoid": "s0", "majority": "s1", "first": "s2", "random": "s3"}
"""Others, the controls among them, are drawn softly."""
DASHED = (0, (5, 4))


def render_plot(report: SelectionReport) -> str:
    """Draw the figures; what was not measured has no panel."""
    panels: list[Callable[[Axes], None]] = [partial(_gap, report)]
    if report.curves:
        panels.append(partial(_curve, report))
    if report.confidence:
        panels += [partial(_reliability, report.confidence), partial(_coverage, report.confidence)]
    rows = math.ceil(len(panels) / 2)

    def paint(figure: Figure) -> None:
        places = figure.subplots(rows, 2, squeeze=False).flat
        for panel, axes in zip(panels, places, strict=False):
            panel(axes)
        for axes in list(places)[len(panels) :]:
            axes.set_visible(False)

    title = "How far each rule gets between a random and a perfect choice"
    return draw_file(paint, width=13, height=4.2 * rows, title=title)


def _gap(report: SelectionReport, axes: Axes) -> None:
    rows = [(name, scored, gap) for name, scored in _scored(report) if (gap := scored.gap_closed) is not None]
    for place, (name, scored, gap) in enumerate(rows):
        for interval, width, part in ((scored.gap_closed_ci, 1.4, 1.0), (scored.gap_closed_ci_tasks, 4.5, 0.45)):
            if interval:
                axes.plot(interval, (place, place), color=_colour(name), linewidth=width, alpha=part)
        axes.plot(gap, place, "o", color=_colour(name))
    axes.set_yticks(range(len(rows)), [name for name, _, _ in rows])
    axes.invert_yaxis()
    axes.axvline(0, color=light("soft"), linewidth=0.8)
    shares(axes.xaxis)
    axes.set_xlabel("gap closed; 95% intervals: thick over tasks, thin over repositories")
    axes.set_title(f"Choosing among all rows, {report.n} tasks")


def _scored(report: SelectionReport) -> Iterator[tuple[str, Scored]]:
    for name, rule in report.rules.items():
        if not rule.needs_tests and name != "random":
            yield name, rule
    controls = report.controls
    if controls and controls.formatting:
        yield "formatting only", controls.formatting
    if controls and controls.knows_the_system:
        yield "knows the system", controls.knows_the_system


def _curve(report: SelectionReport, axes: Axes) -> None:
    points = report.curves
    places = range(len(points))
    axes.plot(places, [p.oracle for p in points], color=light("soft"), linestyle=DASHED, label="oracle")
    for name in points[0].rules:
        values = [point.rules[name].best for point in points]
        axes.plot(places, values, "o-", color=_colour(name), markersize=4, label=name)
    axes.set_xticks(places, [f"{point.k} ({point.tasks})" for point in points])
    axes.set_ylim(bottom=0)
    shares(axes.yaxis)
    axes.set_xlabel("K rows (of how many tasks: not the same ones)")
    axes.set_title(f"best@K over at most {report.subsets} subsets")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))


def _reliability(confidence: Confidence, axes: Axes) -> None:
    bins = confidence.reliability
    axes.plot((0, 1), (0, 1), color=light("soft"), linestyle=DASHED)
    axes.plot([b.confidence for b in bins], [b.precision for b in bins], "o-", color=_colour("consensus"))
    _shares(axes, "mean confidence of a bin; upwards: share of right choices")
    axes.set_title(f"Calibration: ECE {confidence.ece:.3f}")


def _coverage(confidence: Confidence, axes: Axes) -> None:
    axes.axhline(confidence.overall, color=light("soft"), linestyle=DASHED)
    points = confidence.curve
    axes.plot([p.coverage for p in points], [p.precision for p in points], "o-", color=_colour("consensus"))
    _shares(axes, "tasks answered, the most confident first; upwards: share right")
    axes.set_title("Precision against coverage")


def _shares(axes: Axes, caption: str) -> None:
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel=caption)
    shares(axes.xaxis)
    shares(axes.yaxis)


def _colour(name: str) -> str:
    return light(COLOURS.get(name, "soft"))
