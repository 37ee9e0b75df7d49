"""``runoff status``: how a run stands, from any terminal that sees its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swebench_runs.cli import options

if TYPE_CHECKING:
    from datetime import datetime

    from rich.table import Table

    from swebench_runs.after_run.standing import Standing, State, TaskStanding

_LISTED = 40
"""Running tasks that are shown; of a large cluster the table by node tells more."""


def status(run: options.RunFolder) -> None:
    """Show how a run stands: tasks by state, spent, time left. By node, too; reads its folder alone."""
    from datetime import UTC, datetime

    from swebench_runs.after_run.standing import standing
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.run_folder.store import Run

    stored = Run.load(run)
    console = terminal()
    now = datetime.now(UTC)
    found = standing(stored, now)
    for line in _lines(found):
        console.print(line, markup=False, highlight=False)
    if nodes := found.by_node():
        console.print(_nodes(nodes))
    running = [task for task in found.tasks if task.state == "running"]
    if running:
        console.print(_running(found, now))
    if len(running) > _LISTED:
        console.print(f"and {len(running) - _LISTED} more", markup=False)


def _lines(found: Standing) -> list[str]:
    from environments.text import amount, one_line
    from swebench_runs.many_tasks.live_view.live import clock

    under_way: State = "running" if found.driven else "stopped"
    shown: tuple[State, ...] = ("done", under_way, "failed", "waiting")
    states = ", ".join(f"{found.count(state)} {state}" for state in shown)
    lines = [f"{amount(len(found.tasks), 'task')}: {states}"]
    if not found.driven and found.count("done") < len(found.tasks):
        lines.append("stopped: no command works on it now; the same command goes on")
    spent = found.spent
    lines.append(f"spent: {amount(spent.calls, 'call')}, {spent.tokens:,} tokens, {spent.money}")
    if found.calls.sent:
        lines.append(_calls(found))
    if found.per_hour is not None:
        left = "" if found.seconds_left is None else f", ~{clock(found.seconds_left)} left"
        lines.append(f"rate: {found.per_hour:.1f} tasks an hour in this sitting{left}")
    failed = [task for task in found.tasks if task.state == "failed"]
    return [*lines, *(f"{task.name} failed: {one_line(task.stage)}" for task in failed)]


def _calls(found: Standing) -> str:
    """Tell what the calls came to, try by try; of those without an end nobody here knows whether they were paid."""
    from environments.text import amount

    calls = found.calls
    told = f"calls: {calls.sent:,} sent, {calls.answered:,} answered, {calls.failed:,} failed"
    if not calls.open:
        return told
    return (
        f"{told}, {amount(calls.open, 'has', 'have')} no end on record ({'under way' if found.driven else 'cut off'})"
    )


def _nodes(nodes: dict[str, tuple[list[TaskStanding], list[TaskStanding]]]) -> Table:
    from rich.table import Table

    table = Table("node", "done", "running", box=None)
    for name, (done, running) in nodes.items():
        table.add_row(name, str(len(done)), str(len(running)))
    return table


def _running(found: Standing, now: datetime) -> Table:
    from rich.table import Table

    from swebench_runs.many_tasks.live_view.live import clock

    table = Table("running", "node", "stage", "for", box=None)
    for task in [task for task in found.tasks if task.state == "running"][:_LISTED]:
        age = clock((now - task.since).total_seconds()) if task.since else ""
        table.add_row(task.name, task.node, task.stage, age)
    return table
