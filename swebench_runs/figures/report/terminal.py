"""The report on a terminal: each task's story, what the run took, and how the rules compare where that is asked."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from environments.text import amount, inert, one_line
from selection.rules import RUN_RULE
from swebench_runs.figures.metrics import Section, TaskState
from swebench_runs.figures.metrics.curves import DECISION, Curves
from swebench_runs.figures.metrics.gate import QualityOfGate
from swebench_runs.figures.metrics.spending import Spent
from swebench_runs.figures.report.ballot_view import coloured
from swebench_runs.figures.report.choosing_tables import against, paper_tables
from swebench_runs.figures.report.model import FEW, Report, TaskResult
from swebench_runs.figures.report.words import (
    NOTHING,
    count,
    duration,
    machine,
    money,
    percent,
    unended,
    useless,
    with_interval,
)

SHOWN_TASKS = 40
"""Above this many the page tells the stories, and the terminal only where tasks were lost."""
DIFF_LINES = 60
"""Of one patch; the whole of it is on the page."""
DIFF_COLOURS = {"added": "green", "removed": "red", "hunk": "cyan", "file": "bold", "same": ""}
COLOURS = {
    TaskState.RESOLVED: "green",
    TaskState.UNRESOLVED: "red",
    TaskState.NOT_GRADED: "yellow",
    TaskState.UNDECIDED: "yellow",
}


def show(report: Report, console: Console) -> None:
    """Print the report: what became of each task first, figures after."""
    console.print(Text.assemble((one_line(report.run.run_id), "bold"), f": {report.headline}"))
    if len(report.tasks) <= SHOWN_TASKS:
        for task in report.tasks:
            console.print(_story(task))
            if len(report.tasks) <= FEW and task.resolved and task.decision:
                console.print(_diff(task.decision.patch))
    if report.tasks:
        section = report.summary.sections["all"]
        console.print(_totals(section), _spending(section))
        if report.no_rules:
            console.print(Text(report.no_rules))
        else:
            console.print(_rules(report), *paper_tables(section))


def _story(task: TaskResult) -> RenderableType:
    title = Text.assemble((one_line(task.instance_id), "bold"), "  ", (task.state.value, COLOURS[task.state]))
    if task.abstained:
        title.append(", abstained", "dim")
    lines = Table.grid(padding=(0, 2))
    lines.add_column(style="dim", min_width=8)
    lines.add_column(overflow="fold")
    for heading, text in task.story.lines:
        lines.add_row(f"  {heading}", Text(one_line(text)))
    return Group(Text(), title, lines)


def _diff(patch: str) -> RenderableType:
    """Draw the patch of a resolved task."""
    lines = coloured(patch.strip("\n"))
    shown = [Text(f"    {inert(line)}", DIFF_COLOURS[kind]) for kind, line in lines[:DIFF_LINES]]
    if len(lines) > DIFF_LINES:
        shown.append(Text(f"    [... {len(lines) - DIFF_LINES} more lines in the run's files]", "dim"))
    return Group(*shown)


def _totals(section: Section) -> RenderableType:
    funnel = section.funnel
    lost = ", ".join(f"{number} {stage.value}" for stage, number in section.losses.items() if number)
    right = f"{funnel.resolved} {'graded ' * bool(funnel.ungraded)}right{_apart(funnel.ungraded, 'not graded')}"
    lines = [
        "",
        f"Tasks: {lost}.",
        f"Tests: {funnel.tests}, {funnel.tests_reproducing} of them show the issue "
        f"(on {funnel.tasks_with_reproducing_test} of {amount(funnel.tasks, 'task')}).",
        f"Editing trajectories: {funnel.trajectories}; {funnel.applied} with a patch that applies, {funnel.gated} "
        f"without regressions{_apart(funnel.ungated, 'not measured')}, {funnel.verified} verified"
        f"{_apart(funnel.untested, 'without a test')}, {right}.",
        f"Endings: {', '.join(f'{number} {word}' for word, number in funnel.ends.items()) or 'none'}.",
        f"Runoff stands by {amount(funnel.stood_by, 'decision')}; {funnel.stood_by_graded} of them are graded, "
        f"{funnel.stood_by_resolved} right.",
    ]
    lines += _gate(section.gate)
    if section.single is not None:
        single = section.single
        lines.append(
            f"Beside it {amount(single.calls, 'single call')} a task: pass@1 {with_interval(single.pass_at_1)}, "
            f"oracle@{single.calls} {with_interval(single.oracle)}."
        )
    return Group(*map(Text, lines))


def _gate(gate: QualityOfGate) -> list[str]:
    """Say how many right and wrong patches the existing tests reject; nothing where none is graded."""
    right, wrong = gate.false_reject, gate.true_reject
    if not right.n and not wrong.n:
        return []
    of_right = amount(right.n, "right patch", "right patches")
    of_wrong = amount(wrong.n, "wrong patch", "wrong patches")
    return [f"Existing tests reject {percent(right.value)} of {of_right} and {percent(wrong.value)} of {of_wrong}."]


def _apart(number: int, word: str) -> str:
    """Say how many of what was just counted were never measured; nothing where all were."""
    return f" ({number} {word})" if number else ""


def _spending(section: Section) -> RenderableType:
    table = Table("stage", "calls", "tokens read", "cached", "written", "share", "cost", "wall time")
    for one in section.spending:
        spent, usage = one.spent, one.spent.usage
        table.add_row(
            Text(one_line(spent.stage)),
            *(_counted(number) for number in (spent.calls, usage.prompt_tokens)),
            *(_counted(number) for number in (usage.cached_prompt_tokens, usage.completion_tokens)),
            percent(one.share or None),
            money(spent.cost) if spent.calls else NOTHING,
            duration(spent.wall_seconds or spent.seconds),
        )
        for row in _by_model(spent, section):
            table.add_row(*row)
    whole = section.spent
    lost = useless(whole.answers)
    line = (
        f"Spent: {amount(whole.calls, 'call')}, {count(whole.tokens)} tokens, {money(whole.cost)}, "
        f"{duration(section.seconds_per_task.value)} a task"
        + (f"; of all calls no use as they came: {lost}." if lost else ".")
        + unended(section.calls)
    )
    used = machine(section.machine)
    told = [Text(line), *([Text(f"Sandboxes: {used}.")] if used else [])]
    return Group(*told, table) if section.spending else Group(*told)


def _by_model(spent: Spent, section: Section) -> list[tuple[str, ...]]:
    """Return a row for each model of a stage, where the run has several."""
    if len(section.spent.models) < 2:
        return []
    rows = []
    for name, used in sorted(spent.models.items()):
        numbers = (used.calls, used.usage.prompt_tokens, used.usage.cached_prompt_tokens, used.usage.completion_tokens)
        rows.append((f"  {one_line(name)}", *map(_counted, numbers), "", money(used.cost), ""))
    return rows


def _counted(number: int) -> str:
    return count(number or None)


def _rules(report: Report) -> RenderableType:
    curves = _curves(report, "all")
    if curves is None or not curves.ks:
        return Text("No editing trajectories were asked for.")
    full = curves.ks[-1]
    table = Table(title=f"Choosing one of {full} (95% intervals over packages)", title_justify="left")
    parts = [name for name in report.summary.sections if name != "all"]
    whole = DECISION if DECISION in curves.rules else RUN_RULE
    for heading in ("rule", f"best@{full}", "gap closed", f"{whole} minus it", "won, lost", *parts):
        table.add_column(heading)
    table.add_row("pass@1 (mean)", with_interval(curves.pass_at_1), "", "", "", *_by_part(report, parts, None))
    for name, points in curves.rules.items():
        style = "bold" if name in ("runoff", "decision") else ""
        last = points[-1]
        apart = against(curves, whole, name)
        cells = (with_interval(last.best), with_interval(last.gap), *apart, *_by_part(report, parts, name))
        table.add_row(name, *cells, style=style)
    oracles = [percent(found.oracle[-1].value) if (found := _curves(report, part)) else NOTHING for part in parts]
    table.add_row(f"oracle@{full}", with_interval(curves.oracle[-1]), "100%", "", "", *oracles)
    return table


def _curves(report: Report, part: str) -> Curves | None:
    return report.summary.sections[part].curves


def _by_part(report: Report, parts: list[str], rule: str | None) -> list[str]:
    cells = []
    for part in parts:
        curves = _curves(report, part)
        points = curves.rules.get(rule, ()) if curves and rule else ()
        value = points[-1].best if points else curves.pass_at_1 if curves and not rule else None
        cells.append(percent(value.value) if value else NOTHING)
    return cells
