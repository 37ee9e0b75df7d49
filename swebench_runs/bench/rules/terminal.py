"""The bench's figures on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from rich.console import Console
from rich.table import Table
from rich.text import Text

from environments.text import one_line
from swebench_runs.bench.rules.figures import (
    AtThreshold,
    Confidence,
    Controls,
    Interval,
    LeftOut,
    RepositoryGroup,
    RuleDifference,
    Scored,
    SelectionReport,
    Share,
)
from swebench_runs.figures.report.words import NOTHING, percent

_percent = partial(percent, digits=1)


def show(report: SelectionReport, console: Console) -> None:
    """Print the tables, the rules first."""
    console.print(_heading(report))
    console.print(_rules(report))
    for note in _notes(report):
        console.print(Text(note, "dim"))
    if report.curves:
        console.print(_curves(report))
    if report.confidence:
        _show_confidence(report.confidence, console)
    if report.controls:
        _show_controls(report.controls, console)


def _heading(report: SelectionReport) -> Text:
    return Text(
        f"{report.n} tasks, {report.clusters} {'repository' if report.clusters == 1 else 'repositories'}, "
        f"{report.rows} rows; {report.mixed} tasks have right and wrong ones. Pool {report.pool}, seed {report.seed}. "
        f"Consensus: {report.verifier.how}."
    )


def _rules(report: SelectionReport) -> Table:
    table = _table(
        "Choosing, controls in brackets (95% intervals over repositories, then over tasks)",
        ("rule", "right", "gap closed", "by repository", "by task", "consensus minus it", "by repository", "by task"),
    )
    against = {d.second: d for d in report.differences if d.first == "consensus"}
    for name, rule in report.rules.items():
        if not rule.needs_tests:
            style = "bold" if name == "consensus" else ""
            table.add_row(name, *_scored(rule), *_difference(against.get(name)), style=style)
    table.add_row("oracle", _percent(report.oracle.value), "100%", "", "", "", "", "")
    if controls := report.controls:
        if controls.formatting:
            apart = _difference(controls.consensus_minus_formatting)
            table.add_row("(formatting only)", *_scored(controls.formatting), *apart, style="dim")
        if controls.knows_the_system:
            row = _scored(controls.knows_the_system)
            table.add_row("(knows the system)", *row, "", "", "", style="dim")
    return table


def _notes(report: SelectionReport) -> Iterable[str]:
    tied = {name: rule for name, rule in report.rules.items() if rule.needs_tests}
    if tied:
        said = ", ".join(f"{name} {_percent(rule.gap_closed)}" for name, rule in tied.items())
        yield f"Rules that need tests have only their tie-breaks here; gap closed: {said}."
    yield f"Consensus: {one_line(report.verifier.note)}."
    if report.without_statement:
        yield f"{report.without_statement} tasks have no problem statement: consensus cannot weigh how they fit it."
    if not report.mixed:
        yield "No task has right and wrong rows: there is no gap to close."
    yield from (f"Not measured, {one_line(note)}." for note in (report.controls.notes if report.controls else ()))


def _curves(report: SelectionReport) -> Table:
    names = list(report.curves[0].rules)
    heads = ("K", "tasks", *names, "oracle@K")
    table = _table(f"best@K, right and (gap closed), over at most {report.subsets} subsets", heads)
    for point in report.curves:
        cells = [f"{_percent(s.best)} ({_percent(s.gap_closed)})" for s in point.rules.values()]
        table.add_row(str(point.k), str(point.tasks), *cells, _percent(point.oracle))
    return table


def _show_confidence(confidence: Confidence, console: Console) -> None:
    table = _table(
        f"Confidence: ECE {confidence.ece:.3f}, Brier {confidence.brier:.3f}", ("tasks", "confidence", "mean", "right")
    )
    for b in confidence.reliability:
        table.add_row(str(b.tasks), f"{b.low:.2f} to {b.high:.2f}", _percent(b.confidence), _percent(b.precision))
    console.print(table)
    console.print(Text(_answering("Half of the tasks answered", confidence.half, confidence.overall)))
    console.print(Text(_answering("At the model's own threshold", confidence.committed, confidence.overall)))


def _answering(what: str, at: AtThreshold, overall: float) -> str:
    return (
        f"{what} ({_percent(at.coverage)}): {_percent(at.precision)} right against {_percent(overall)} overall, "
        f"{_points(at.above_overall)}."
    )


def _show_controls(controls: Controls, console: Console) -> None:
    if controls.left_out:
        console.print(_left_out(controls.left_out))
    if controls.groups:
        console.print(_groups(controls.groups))
    for group in controls.groups:
        if group.below_majority:
            console.print(Text(_below(group)))


def _left_out(rows: Sequence[LeftOut]) -> Table:
    heads = ("family", "tasks", "random", "oracle", "gap closed without", "by task", "gap closed with", "by task")
    table = _table("Leave one system out: consensus fitted without its rows, and with them (two folds)", heads)
    for row in rows:
        pairs = [
            cell
            for s in (row.without, row.with_its_rows)
            for cell in (_percent(s.gap_closed), _ci(s.gap_closed_ci_tasks))
        ]
        table.add_row(Text(one_line(row.family)), str(row.tasks), _percent(row.random), _percent(row.oracle), *pairs)
    return table


def _groups(groups: Sequence[RepositoryGroup]) -> Table:
    names = [name for name in groups[0].rules if name != "random"]
    heads = ("family", "tasks", "rows", "random", "oracle", *names, "confidence", "right")
    table = _table("Single systems: gap closed (95% over tasks)", heads)
    for group in groups:
        cells = [_gap(group.rules[name]) for name in names]
        table.add_row(
            Text(one_line(group.family)),
            str(group.tasks),
            str(group.rows),
            _percent(group.random),
            _percent(group.oracle),
            *cells,
            _percent(group.mean_confidence),
            _percent(group.precision),
        )
    return table


def _below(group: RepositoryGroup) -> str:
    apart = group.consensus_minus_majority
    if apart is None:
        return ""
    return (
        f"{one_line(group.family)}: consensus is below majority by {_percent(-apart.difference)} of the tasks "
        f"({_ci(apart.ci_tasks)} over tasks; {apart.better} won, {apart.worse} lost); its mean confidence was "
        f"{_percent(group.mean_confidence)}, right {_percent(group.precision)}."
    )


def _table(title: str, heads: Sequence[str]) -> Table:
    table = Table(*heads, title=title, title_justify="left")
    table.columns[0].no_wrap = True
    return table


def _scored(scored: Scored) -> tuple[str, ...]:
    gap, here, there = scored.gap_closed, scored.gap_closed_ci, scored.gap_closed_ci_tasks
    return _percent(scored.best), _percent(gap), _ci(here), _ci(there)


def _gap(scored: Scored) -> str:
    return f"{_percent(scored.gap_closed)} ({_ci(scored.gap_closed_ci_tasks)})"


def _difference(difference: RuleDifference | None) -> tuple[str, ...]:
    if difference is None:
        return "", "", ""
    return _percent(difference.difference), _ci(difference.ci), _ci(difference.ci_tasks)


def _points(share: Share) -> str:
    return f"{_percent(share.value)} more ({_ci(share.ci)} by repository, {_ci(share.ci_tasks)} by task)"


def _ci(interval: Interval) -> str:
    return f"{_percent(interval[0]).rstrip('%')} to {_percent(interval[1])}" if interval else NOTHING
