"""``runoff bench context``: what the context shows of the places that have to change."""

from __future__ import annotations

from collections.abc import Sequence
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from swebench_runs.cli import options, rows
from swebench_runs.run_folder.outputs import output_file

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from environments.task import Task
    from swebench_runs.splits import Split

Half = Literal["develop", "report"]


def context(
    subset: rows.Subset = "starter",
    split: rows.Split = "test",
    filter: rows.Filter = "",
    slice: rows.Slice = "",
    shuffle: rows.Shuffle = False,
    instance: rows.Instances = [],  # noqa: B006 - typer makes a new list for each call
    repos: options.Repos = None,
    half: Annotated[
        Half | None, typer.Option(metavar="develop|report", help="Only one half, by the tasks' names and the seed.")
    ] = None,
    draw: Annotated[int | None, typer.Option(metavar="N", min=1, help="So many tasks, drawn by the seed.")] = None,
    budget: Annotated[
        list[int] | None,
        typer.Option(metavar="TOKENS", min=100, help="Tokens; repeatable.  [default: 4000, 16000, 32000, 60000]"),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of halves, drawing and intervals.")] = 0,
    rows_file: Annotated[
        Path | None,
        typer.Option(
            "--rows",
            metavar="FILE",
            help="Keep each task's row here, and not in --json; what is here is not measured again.",
        ),
    ] = None,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", callback=output_file, help="Write the figures here.")
    ] = None,
) -> None:
    """Measure how much of what right patches change is shown. By the context's budget; no model is asked."""
    from swebench_runs.bench.context.halves import drawn
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.config import RunConfig
    from swebench_runs.run_folder.outputs import is_stream, write_output
    from swebench_runs.splits.loading import load
    from swebench_runs.splits.task_choice import select

    progress = terminal(stderr=True)
    found = load(subset, split)
    config = RunConfig(
        subset=subset, split=split, filter=filter, slice=slice, shuffle=shuffle, instances=tuple(instance)
    )
    tasks = drawn(select(found.tasks(), config, found.unreadable), half=half, count=draw, seed=seed)
    figures = _measured(found, tasks, repos, budget, seed, rows_file, progress)
    figures |= {"subset": subset, "filter": filter, "half": half or "both", "draw": draw, "seed": seed}
    if json:
        told = {key: value for key, value in figures.items() if key != "tasks" or rows_file is None}
        write_output(json, dumps(_of_this_machine(told), indent=1) + "\n")
    (progress if json and is_stream(json) else terminal()).print(_table(figures))


def _measured(
    found: Split,
    tasks: Sequence[Task],
    repos: Path | None,
    budgets: Sequence[int] | None,
    seed: int,
    rows_file: Path | None,
    progress: Console,
) -> dict[str, Any]:
    """Return the figures of all tasks whose trees are at hand, and how many are not."""
    from swebench_runs.bench.context import measure_context
    from swebench_runs.bench.context.kept_rows import MeasuredRows
    from swebench_runs.bench.context.measure import BUDGETS
    from swebench_runs.bench.context.sources import known_tasks
    from swebench_runs.errors import UsageError
    from swebench_runs.one_task.context.task_context import symbol_cache

    kept = MeasuredRows(rows_file)
    figures = measure_context(
        known_tasks(found, tasks, repos),
        sorted(set(budgets or BUDGETS)),
        seed=seed,
        cache=symbol_cache(),
        measured=kept.read(),
        keep=kept.add,
        progress=lambda line: progress.print(line, markup=False, highlight=False),
    )
    if not figures["n"]:
        raise UsageError("nothing could be measured: no tree is at hand; name a folder of repositories with --repos")
    return figures | {"asked": len(tasks), "not_at_hand": len(tasks) - figures["n"] - len(figures["nothing_changed"])}


def _of_this_machine(figures: dict[str, Any]) -> dict[str, Any]:
    from swebench_runs.run_folder.computer import computer, versions

    return figures | {"versions": versions(), "machine": computer()}


def _table(figures: dict[str, Any]) -> Table:
    """Return what a terminal shows: a row a budget."""
    from rich.table import Table

    from swebench_runs.figures.metrics.bootstrap import Estimate
    from swebench_runs.figures.report.words import with_interval

    table = Table(title=f"Shown of what right patches change ({figures['n']} tasks, {figures['clusters']} packages)")
    for head in ("budget", "tokens", "functions", "all functions", "lines", "all lines", "files"):
        table.add_column(head, justify="right")
    for tokens, told in figures["budgets"].items():
        cells = [with_interval(Estimate(**told[name])) for name in ("functions", "all_functions", "lines", "all_lines")]
        table.add_row(f"{tokens:,}", f"{told['tokens']:,.0f}", *cells, with_interval(Estimate(**told["files"])))
    return table
