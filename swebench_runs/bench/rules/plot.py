"""The bench's figures as one SVG file: gap closed, best@K, calibration, precision against coverage."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial

from swebench_runs.bench.rules.drawing import HEIGHT, WIDTH, Frame, Label, Mark, Panel, Stroke, ticks
from swebench_runs.bench.rules.figures import Confidence, CurvePoint, Report, Scored
from swebench_runs.figures.report.templating import environment
from swebench_runs.figures.report.words import percent

LEFT, TOP, GAP_X, GAP_Y = 150, 50, 200, 90


def render_plot(report: Report) -> str:
    """Draw the figures; what was not measured has no panel."""
    drawn: list[Callable[[float, float], Panel]] = [partial(_gap_panel, report)]
    if report.curves:
        drawn.append(partial(_curve_panel, report))
    if report.confidence:
        drawn += [partial(_reliability_panel, report.confidence), partial(_coverage_panel, report.confidence)]
    places = [(LEFT + (i % 2) * (WIDTH + GAP_X), TOP + (i // 2) * (HEIGHT + GAP_Y)) for i in range(len(drawn))]
    panels = [draw(*place) for draw, place in zip(drawn, places, strict=True)]
    return (
        environment("swebench_runs.bench.rules")
        .get_template("plot.svg.jinja")
        .render(
            title="How far each rule gets between a random and a perfect choice",
            panels=panels,
            width=LEFT + 2 * WIDTH + GAP_X + 90,
            height=TOP + math.ceil(len(panels) / 2) * (HEIGHT + GAP_Y),
        )
    )


def _gap_panel(report: Report, left: float, top: float) -> Panel:
    rows = list(_scored(report))
    ends = [end for _, s, _ in rows for end in (s.gap_closed or 0.0, *(s.gap_closed_ci_tasks or ()))]
    low, high = math.floor(min(ends) * 5) / 5, max(math.ceil(max(ends) * 5) / 5, 0.2)
    frame = Frame(left, top, (low, high), (len(rows), 0))
    marked = ticks(low, high, 0.2)
    strokes, labels = frame.upright(marked, [percent(v) for v in marked])
    marks = []
    for number, (name, scored, style) in enumerate(rows):
        height = number + 0.5
        labels.append(Label(left - 10, frame.at(low, height)[1] + 4, name, "end", style))
        if scored.gap_closed is None:
            continue
        for interval, width in ((scored.gap_closed_ci, "wide"), (scored.gap_closed_ci_tasks, "narrow")):
            if interval:
                strokes.append(Stroke(tuple(frame.at(v, height) for v in interval), f"{style} {width}"))
        marks.append(Mark(*frame.at(scored.gap_closed, height), f"{name}: {scored.gap_closed:.1%}", style))
    labels.append(frame.caption("gap closed; 95% intervals: thick over tasks, thin over repositories"))
    return _panel(f"Choosing among all rows, {report.n} tasks", left, top, strokes, marks, labels)


def _scored(report: Report) -> Iterator[tuple[str, Scored, str]]:
    for name, rule in report.rules.items():
        if not rule.needs_tests and name != "random":
            yield name, rule, name
    controls = report.controls
    if controls and controls.formatting:
        yield "formatting only", controls.formatting, "control"
    if controls and controls.knows_the_system:
        yield "knows the system", controls.knows_the_system, "control"


def _curve_panel(report: Report, left: float, top: float) -> Panel:
    points = report.curves
    high = max(math.ceil(max(point.oracle for point in points) * 10) / 10, 0.1)
    frame = Frame(left, top, (0, max(len(points) - 1, 1)), (0.0, high))
    strokes, labels = frame.across(ticks(0, high, 0.1))
    across = frame.upright(range(len(points)), [f"{point.k} ({point.tasks})" for point in points])
    series = {name: [point.rules[name].best for point in points] for name in points[0].rules}
    lines = {**series, "oracle": [point.oracle for point in points]}
    marks = []
    for name, values in lines.items():
        style = "reference" if name == "oracle" else name
        places = [frame.at(i, value) for i, value in enumerate(values)]
        strokes.append(Stroke(tuple(places), style))
        marks += [
            Mark(*place, f"{name}, {_told(point, value)}", style)
            for place, point, value in zip(places, points, values, strict=True)
        ]
    labels += [*across[1], *_named(frame, lines), frame.caption("K rows (of how many tasks: not the same ones)")]
    return _panel(f"best@K over at most {report.subsets} subsets", left, top, [*across[0], *strokes], marks, labels)


def _told(point: CurvePoint, value: float) -> str:
    return f"K = {point.k}: {value:.1%} of {point.tasks} tasks"


def _named(frame: Frame, lines: dict[str, list[float]]) -> Iterator[Label]:
    """Write each line's name beside its end, the names apart from one another."""
    lowest = -math.inf
    for name in sorted(lines, key=lambda name: -lines[name][-1]):
        x, y = frame.at(len(lines[name]) - 1, lines[name][-1])
        lowest = max(y, lowest + 14)
        yield Label(x + 8, lowest + 4, name, "start", "reference" if name == "oracle" else name)


def _reliability_panel(confidence: Confidence, left: float, top: float) -> Panel:
    frame = Frame(left, top, (0.0, 1.0), (0.0, 1.0))
    strokes, labels = frame.across(ticks(0, 1, 0.2))
    upright = frame.upright(ticks(0, 1, 0.2), [percent(v) for v in ticks(0, 1, 0.2)])
    places = [frame.at(b.confidence, b.precision) for b in confidence.reliability]
    strokes += [*upright[0], Stroke((frame.at(0, 0), frame.at(1, 1)), "reference"), Stroke(tuple(places), "consensus")]
    marks = [
        Mark(*place, f"{b.tasks} tasks: confidence {b.confidence:.1%}, right {b.precision:.1%}", "consensus")
        for place, b in zip(places, confidence.reliability, strict=True)
    ]
    labels += [*upright[1], frame.caption("mean confidence of a bin; upwards: share of right choices")]
    return _panel(f"Calibration: ECE {confidence.ece:.3f}", left, top, strokes, marks, labels)


def _coverage_panel(confidence: Confidence, left: float, top: float) -> Panel:
    frame = Frame(left, top, (0.0, 1.0), (0.0, 1.0))
    strokes, labels = frame.across(ticks(0, 1, 0.2))
    upright = frame.upright(ticks(0, 1, 0.2), [percent(v) for v in ticks(0, 1, 0.2)])
    places = [frame.at(point.coverage, point.precision) for point in confidence.curve]
    overall = Stroke((frame.at(0, confidence.overall), frame.at(1, confidence.overall)), "reference")
    marks = [
        Mark(*place, f"{point.coverage:.0%} answered: {point.precision:.1%} right", "consensus")
        for place, point in zip(places, confidence.curve, strict=True)
    ]
    labels += [*upright[1], frame.caption("tasks answered, the most confident first; upwards: share right")]
    strokes += [*upright[0], overall, Stroke(tuple(places), "consensus")]
    return _panel("Precision against coverage", left, top, strokes, marks, labels)


def _panel(title: str, left: float, top: float, strokes: list[Stroke], marks: list[Mark], labels: list[Label]) -> Panel:
    return Panel(title, left, top - 18, tuple(strokes), tuple(marks), tuple(labels))
