from __future__ import annotations

import re

import pytest

from environments.text import amount
from swebench_runs.figures.metrics.bootstrap import Estimate
from swebench_runs.figures.metrics.curves import DECISION, Curves, Point
from swebench_runs.figures.report.chart import scaling_chart
from swebench_runs.figures.report.words import NOTHING, count, duration, interval, money, percent, with_interval


def figure(value: float | None, low: float | None = None, high: float | None = None) -> Estimate:
    return Estimate(value=value, low=low, high=high, n=10, clusters=5)


def curves(ks: tuple[int, ...], rules: dict[str, list[float]], oracle: list[float], mean: float) -> Curves:
    points = {
        name: tuple(Point(k=k, best=figure(v), gap=figure(None)) for k, v in zip(ks[-len(vs) :], vs, strict=True))
        for name, vs in rules.items()
    }
    oracles = tuple(map(figure, oracle))
    return Curves(ks=ks, pass_at_1=figure(mean), oracle=oracles, rules=points, differences=())


FOUND = curves((1, 2, 3), {"votes": [0.0, 0.2, 0.4], DECISION: [0.4]}, [0.0, 0.3, 0.5], 0.1)


def test_the_chart_names_every_line_in_the_order_in_which_they_end():
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", scaling_chart(FOUND))
    assert [text for text in texts if text in ("oracle", "votes", DECISION, "pass@1")] == [
        *("oracle", "votes", DECISION, "pass@1")
    ]
    assert "trajectories (k)" in texts
    assert {"1", "2", "3", "0%", "50%"} <= set(texts)


@pytest.mark.parametrize("nothing", [None, curves((), {}, [], 0.0), curves((2,), {DECISION: [0.5]}, [1.0], 0.5)])
def test_where_nothing_is_compared_there_is_no_chart(nothing):
    assert scaling_chart(nothing) is None


def test_figures_are_written_as_people_read_them():
    assert (percent(0.416), percent(-0.33), percent(None)) == ("42%", "\u221233%", "\u2013")
    assert with_interval(figure(0.4, 0.1, 0.7)) == "40% (10% to 70%)"
    assert (with_interval(figure(0.4)), interval(figure(0.4))) == ("40%", "")
    assert (count(1234.4), count(2_345_678), count(None)) == ("1,234", "2.35 M", NOTHING)
    assert (duration(41.4), duration(200), duration(7500)) == ("41 s", "3 min 20 s", "2 h 5 min")
    assert (money(None), money(0.0), money(1234.5)) == ("unknown", "$0.00", "$1,234.50")
    assert (amount(1, "test"), amount(1200, "test"), amount(2, "try", "tries")) == ("1 test", "1,200 tests", "2 tries")
