"""The geometry of the scaling curve; the page draws it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from swebench_runs.figures.metrics.curves import DECISION, Curves

WIDTH, HEIGHT = 720, 340
LEFT, RIGHT, TOP, BOTTOM = 48, 190, 14, 40
LABEL_GAP = 15
REFERENCES = ("oracle", "pass@1")


@dataclass(frozen=True)
class Dot:
    """A point of a line, in pixels, with what it says."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Line:
    """One line of the chart."""

    name: str
    dots: tuple[Dot, ...]
    style: str
    """A class of the style sheet."""
    label_y: float

    @property
    def path(self) -> str:
        """Return the points as SVG writes them."""
        return " ".join(f"{dot.x:.1f},{dot.y:.1f}" for dot in self.dots)


@dataclass(frozen=True)
class Chart:
    """A chart, ready to be drawn."""

    lines: tuple[Line, ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def scaling_chart(curves: Curves) -> Chart | None:
    """Lay out best@k of every rule between pass@1 and the oracle; None without trajectories."""
    if not curves.ks:
        return None
    series = _series(curves)
    top = _ceiling(max(value for _, values in series for value in values))
    spread = WIDTH - LEFT - RIGHT
    xs = [LEFT + spread * (i / (len(curves.ks) - 1) if len(curves.ks) > 1 else 0.5) for i in range(len(curves.ks))]

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top

    labels = _spread([y(values[-1]) for _, values in series])
    lines = tuple(
        Line(name, _dots(name, values, curves.ks, xs, [y(v) for v in values]), _style(name, index), label)
        for index, ((name, values), label) in enumerate(zip(series, labels, strict=True))
    )
    steps = round(top * 10)
    every = 1 if steps <= 5 else 2
    return Chart(
        lines=lines,
        x_ticks=tuple((x, str(k)) for x, k in zip(xs, curves.ks, strict=True)),
        y_ticks=tuple((y(step / 10), f"{step * 10}%") for step in range(0, steps + 1, every)),
    )


def _series(curves: Curves) -> list[tuple[str, list[float]]]:
    oracle = [estimate.value or 0.0 for estimate in curves.oracle]
    mean = [curves.pass_at_1.value or 0.0] * len(curves.ks)
    rules = {name: [point.best.value or 0.0 for point in points] for name, points in curves.rules.items()}
    return [("oracle", oracle), *rules.items(), ("pass@1", mean)]


def _dots(
    name: str, values: Sequence[float], ks: Sequence[int], xs: Sequence[float], ys: Sequence[float]
) -> tuple[Dot, ...]:
    """Place a series; one that is shorter than the axis (the decision) stands at its right end."""
    start = len(ks) - len(values)
    return tuple(
        Dot(xs[start + i], ys[i], f"{name} at k = {ks[start + i]}: {value * 100:.1f}%")
        for i, value in enumerate(values)
    )


def _style(name: str, index: int) -> str:
    if name in REFERENCES:
        return "reference"
    return name if name in ("runoff", DECISION) else f"rule-{index % 8}"


def _spread(wanted: Sequence[float]) -> list[float]:
    """Move labels apart so that none covers another, keeping their order."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [0.0] * len(wanted)
    floor = TOP - LABEL_GAP / 2
    for position, index in enumerate(order):
        ceiling = HEIGHT - BOTTOM - LABEL_GAP * (len(order) - 1 - position)
        placed[index] = min(max(wanted[index], floor), max(ceiling, floor))
        floor = placed[index] + LABEL_GAP
    return placed


def _ceiling(value: float) -> float:
    """Round up to the next ten per cent, at most 100%."""
    return min(1.0, max(0.1, math.ceil(value * 10 - 1e-9) / 10))
