from __future__ import annotations

from itertools import pairwise

import pytest

from swebench_runs.figures.metrics.bootstrap import Estimate
from swebench_runs.figures.metrics.curves import DECISION, Curves, Point
from swebench_runs.figures.report.chart import HEIGHT, LABEL_GAP, LEFT, RIGHT, TOP, WIDTH, scaling_chart
from swebench_runs.figures.report.words import count, duration, interval, money, percent, with_interval


def figure(value: float | None, low: float | None = None, high: float | None = None) -> Estimate:
    return Estimate(value=value, low=low, high=high, n=10, clusters=5)


def curves(ks: tuple[int, ...], rules: dict[str, list[float]], oracle: list[float], mean: float) -> Curves:
    points = {
        name: tuple(Point(k=k, best=figure(v), gap=figure(None)) for k, v in zip(ks[-len(vs) :], vs, strict=True))
        for name, vs in rules.items()
    }
    oracles = tuple(map(figure, oracle))
    return Curves(ks=ks, pass_at_1=figure(mean), oracle=oracles, rules=points, differences=())


def test_lines_stand_where_their_figures_are():
    chart = scaling_chart(curves((1, 2, 3), {"votes": [0.0, 0.2, 0.4], DECISION: [0.4]}, [0.0, 0.3, 0.4], 0.1))
    lines = {line.name: line for line in chart.lines}
    assert list(lines) == ["oracle", "votes", DECISION, "pass@1"]
    votes = lines["votes"].dots
    assert (votes[0].x, votes[2].x) == (LEFT, WIDTH - RIGHT)
    assert (votes[0].y, votes[2].y) == (chart.bottom, pytest.approx(TOP))
    assert votes[1].y == pytest.approx((chart.bottom + TOP) / 2)
    assert [(dot.x, dot.text) for dot in lines[DECISION].dots] == [(WIDTH - RIGHT, "decision at k = 3: 40.0%")]
    assert [label for _, label in chart.x_ticks] == ["1", "2", "3"]
    assert [label for _, label in chart.y_ticks] == ["0%", "10%", "20%", "30%", "40%"]


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_labels_of_equal_lines_never_cover_one_another(value):
    rules = {f"rule {i}": [value] for i in range(10)}
    chart = scaling_chart(curves((4,), rules, [value], value))
    places = sorted(line.label_y for line in chart.lines)
    assert all(b - a >= LABEL_GAP - 1e-9 for a, b in pairwise(places))
    assert places[0] >= 0
    assert places[-1] <= HEIGHT


def test_without_trajectories_there_is_no_chart():
    assert scaling_chart(curves((), {}, [], 0.0)) is None


def test_figures_are_written_as_people_read_them():
    assert (percent(0.416), percent(-0.33), percent(None)) == ("42%", "\u221233%", "\u2013")
    assert with_interval(figure(0.4, 0.1, 0.7)) == "40% (10% to 70%)"
    assert (with_interval(figure(0.4)), interval(figure(0.4))) == ("40%", "")
    assert (count(1234.4), count(2_345_678), count(None)) == ("1,234", "2.35 M", "\u2013")
    assert (duration(41.4), duration(200), duration(7500)) == ("41 s", "3 min 20 s", "2 h 5 min")
    assert (money(None), money(0.0), money(1234.5)) == ("unknown", "$0.00", "$1,234.50")
