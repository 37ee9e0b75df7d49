"""What a paper on choosing prints beside its table of rules: tests, judges, precision against coverage, groups."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from environments.text import one_line
from swebench_runs.figures.metrics import Section
from swebench_runs.figures.metrics.curves import Curves
from swebench_runs.figures.metrics.verifiers import QualityOfTests
from swebench_runs.figures.report.words import NOTHING, percent, with_interval

MOST_GROUPS = 40
"""Shown on a terminal; report.json has all."""


def against(curves: Curves, whole: str, rule: str) -> tuple[str, str]:
    """Return how far what decides is ahead of a rule, in pairs, and on how many tasks it is better and worse."""
    for one in curves.differences:
        if (one.first, one.second) == (whole, rule):
            return with_interval(one.difference), f"{one.better}, {one.worse}"
        if (one.second, one.first) == (whole, rule):
            value, low, high = one.difference.value, one.difference.low, one.difference.high
            update = {
                "value": None if value is None else -value,
                "low": None if high is None else -high,
                "high": None if low is None else -low,
            }
            return with_interval(one.difference.model_copy(update=update)), f"{one.worse}, {one.better}"
    return "", ""


def paper_tables(section: Section) -> Iterator[RenderableType]:
    """Yield what there is of the other tables."""
    if section.tests.tests:
        yield _tests(section)
    if judges := {name: one for name, one in (section.judges or {}).items() if one.scored}:
        table = Table("judge", "patches", "missing", "AUC within tasks", "pairs", title="Judges", title_justify="left")
        for name, one in judges.items():
            within = with_interval(one.auc_within)
            table.add_row(one_line(name), str(one.scored), str(one.missing), within, str(one.auc_within.n))
        yield table
    if any(one.precision.n for one in section.coverage):
        yield _coverage(section)
    if section.groups:
        yield _groups(section)


def _tests(section: Section) -> Table:
    title = "Tests that were generated, or made of the issue (tasks with right and wrong patches)"
    table = Table(
        "tests", "number", "reproduce", "distinguish", "toxic", "order pairs", title=title, title_justify="left"
    )
    for name, tests in (("all", section.tests), ("that reproduce", section.reproducing_tests)):
        table.add_row(name, *_quality(tests))
    return table


def _quality(tests: QualityOfTests) -> tuple[str, ...]:
    shares = (tests.reproduce, tests.distinguish, tests.toxic, tests.pairwise)
    return str(tests.tests), *(with_interval(one) if one.n else NOTHING for one in shares)


def _coverage(section: Section) -> Table:
    table = Table(
        "at least so sure", "answered", "right of these", title="Precision against coverage", title_justify="left"
    )
    for one in section.coverage:
        word = "every decision" if one.least == "none" else one.least
        table.add_row(word, percent(one.coverage), with_interval(one.precision))
    return table


def _groups(section: Section) -> Table:
    heads = ("group", "", "tasks", "attempts", "random", "decision", "oracle")
    table = Table(*heads, title="By repository, and by whose attempts they are", title_justify="left")
    for one in section.groups[:MOST_GROUPS]:
        shares = (percent(one.random), percent(one.decision), percent(one.oracle))
        table.add_row(one.kind, Text(one_line(one.name)), str(one.tasks), str(one.attempts), *shares)
    if more := len(section.groups) - MOST_GROUPS:
        table.caption = f"and {more} more in report.json" if more > 0 else None
    return table
