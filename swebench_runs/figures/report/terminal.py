"""The report on a terminal."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from environments.text import one_line
from swebench_runs.figures.metrics import Section
from swebench_runs.figures.metrics.funnel import Loss
from swebench_runs.figures.report.model import Report
from swebench_runs.figures.report.words import NOTHING, count, duration, money, percent, with_interval

SHOWN_TASKS = 40
COLOURS = {"resolved": "green", "unresolved": "red", "not evaluated": "yellow"}


def show(report: Report, console: Console) -> None:
    """Print the report: the tasks, how well each rule chooses, and where tasks were lost."""
    console.print(_heading(report))
    if len(report.tasks) <= SHOWN_TASKS:
        console.print(_tasks(report))
    if report.tasks:
        console.print(_rules(report))
        console.print(_closing(report.summary.sections["all"]))


def _heading(report: Report) -> Text:
    section = report.summary.sections["all"]
    resolved = sum(task.resolved for task in report.tasks)
    line = Text.assemble((one_line(report.run.run_id), "bold"), f": {resolved} of {section.tasks} tasks resolved")
    if section.funnel.evaluated < section.tasks:
        line.append(f" ({section.tasks - section.funnel.evaluated} not evaluated)")
    return line


def _tasks(report: Report) -> Table:
    table = Table("task", "issue", "result", "right patches", "lost at", "decision")
    for task in report.tasks:
        result = Text(task.word, COLOURS[task.word])
        if task.abstained:
            result.append(", abstained", "dim")
        table.add_row(
            Text(one_line(task.instance_id)),
            task.kind,
            result,
            f"{task.successes} of {task.attempts}",
            NOTHING if task.stage is Loss.RESOLVED else task.stage.value,
            Text(one_line(task.decision.reason) if task.decision else NOTHING, overflow="ellipsis", no_wrap=True),
        )
    return table


def _rules(report: Report) -> RenderableType:
    sections = report.summary.sections
    curves = sections["all"].curves
    if not curves.ks:
        return Text("No editing trajectories were asked for.")
    full = curves.ks[-1]
    table = Table(title=f"Choosing one of {full} (95% intervals over packages)", title_justify="left")
    parts = [name for name in sections if name != "all"]
    for heading in ("rule", f"best@{full}", "gap closed", *parts):
        table.add_column(heading)
    table.add_row("pass@1 (mean)", with_interval(curves.pass_at_1), "", *_by_part(sections, parts, None))
    for name, points in curves.rules.items():
        style = "bold" if name in ("runoff", "decision") else ""
        last = points[-1]
        cells = (with_interval(last.best), with_interval(last.gap), *_by_part(sections, parts, name))
        table.add_row(name, *cells, style=style)
    oracles = [percent(sections[part].curves.oracle[-1].value) for part in parts]
    table.add_row(f"oracle@{full}", with_interval(curves.oracle[-1]), "", *oracles)
    return table


def _by_part(sections: dict[str, Section], parts: list[str], rule: str | None) -> list[str]:
    cells = []
    for part in parts:
        curves = sections[part].curves
        points = curves.rules.get(rule, ()) if rule else ()
        value = points[-1].best if points else None if rule else curves.pass_at_1
        cells.append(percent(value.value) if value else NOTHING)
    return cells


def _closing(section: Section) -> RenderableType:
    funnel = section.funnel
    lost = ", ".join(f"{number} {stage.value}" for stage, number in section.losses.items() if number)
    lines = [
        f"Tests: {funnel.tests}, {funnel.tests_reproducing} of them reproduce the issue "
        f"(on {funnel.tasks_with_reproducing_test} of {funnel.tasks} tasks).",
        f"Trajectories: {funnel.trajectories}; {funnel.applied} with a patch that applies, {funnel.gated} without "
        f"regressions, {funnel.verified} verified, {funnel.resolved} right.",
        f"Runoff stands by {funnel.stood_by} decisions; {funnel.stood_by_resolved} of them are right.",
        f"Tasks: {lost}.",
    ]
    if section.single is not None:
        single = section.single
        lines.append(
            f"Beside it {single.calls} single calls a task: pass@1 {with_interval(single.pass_at_1)}, "
            f"oracle@{single.calls} {with_interval(single.oracle)}."
        )
    lines += [
        f"Spent on {spent.kind}: {count(spent.usage.prompt_tokens)} tokens read, "
        f"{count(spent.usage.completion_tokens)} written, {money(spent.cost)}, {duration(spent.seconds)}."
        for spent in section.spending
    ]
    return Group(*(Text(line) for line in lines))
