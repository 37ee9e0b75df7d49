"""A panel of a plot as strokes, marks and labels in pixels; the template draws them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from swebench_runs.figures.report.words import percent

WIDTH, HEIGHT = 460, 250
"""Of a panel's plotting area."""


@dataclass(frozen=True)
class Stroke:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    style: str

    @property
    def path(self) -> str:
        """Return the points as SVG writes them."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.points)


@dataclass(frozen=True)
class Mark:
    """A dot, and what it says."""

    x: float
    y: float
    text: str
    style: str


@dataclass(frozen=True)
class Label:
    """A text."""

    x: float
    y: float
    text: str
    anchor: Literal["start", "middle", "end"] = "middle"
    style: str = ""


@dataclass(frozen=True)
class Panel:
    """One of the plots, with the place of its title."""

    title: str
    left: float
    top: float
    strokes: tuple[Stroke, ...]
    marks: tuple[Mark, ...]
    labels: tuple[Label, ...]


@dataclass(frozen=True)
class Frame:
    """The plotting area of a panel: values to pixels, and its grid."""

    left: float
    top: float
    x: tuple[float, float]
    """Values at the left and right ends."""
    y: tuple[float, float]
    """Values at the bottom and the top."""

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of a point; what lies outside stands at the edge."""
        across, up = _part(x, self.x), _part(y, self.y)
        return self.left + WIDTH * across, self.top + HEIGHT * (1 - up)

    def across(self, values: Sequence[float]) -> tuple[list[Stroke], list[Label]]:
        """Return horizontal grid lines with shares as labels."""
        lines = [Stroke((self.at(self.x[0], v), self.at(self.x[1], v)), "grid") for v in values]
        return lines, [Label(self.left - 8, self.at(0, v)[1] + 4, percent(v), "end") for v in values]

    def upright(self, values: Sequence[float], texts: Sequence[str]) -> tuple[list[Stroke], list[Label]]:
        """Return vertical grid lines with labels below."""
        lines = [Stroke((self.at(v, self.y[0]), self.at(v, self.y[1])), "grid") for v in values]
        below = self.top + HEIGHT + 16
        return lines, [Label(self.at(v, 0)[0], below, text) for v, text in zip(values, texts, strict=True)]

    def caption(self, text: str) -> Label:
        """Return what the horizontal axis is."""
        return Label(self.left + WIDTH / 2, self.top + HEIGHT + 33, text)


def ticks(low: float, high: float, step: float) -> list[float]:
    """Return the multiples of a step from low to high."""
    return [number * step for number in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _part(value: float, ends: tuple[float, float]) -> float:
    return min(max((value - ends[0]) / (ends[1] - ends[0]), 0.0), 1.0)
