"""``runoff report``: what a graded run came to, on the terminal, as report.json and as report.html."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from swebench_runs.cli import options

if TYPE_CHECKING:
    from rich.console import Console

    from swebench_runs.run_folder.store import Run
    from swebench_runs.splits import Split


def report(
    run: options.RunFolder,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of subsets and resamples.")] = 0,
    all_rules: Annotated[
        bool, typer.Option("--all-rules", help="Compare the rules on fewer than ten tasks, too.")
    ] = False,
) -> None:
    """Compute every figure of a run again. It reads the run's files and grades alone."""
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.run_folder.store import Run

    write(Run.load(run), terminal(), seed=seed, all_rules=all_rules)


def write(run: Run, console: Console, *, seed: int = 0, split: Split | None = None, all_rules: bool = False) -> None:
    """Show a run's report and write its files; the rules that the run's configuration names are always compared."""
    from selection.rules import RULES
    from swebench_runs.after_run.graded_tasks import graded_tasks
    from swebench_runs.figures.report import RunHeader, make_report, show, write_report

    rules = {name: rule for name, rule in RULES.items() if not run.config.rules or name in run.config.rules}
    tasks = graded_tasks(run, split)
    header = RunHeader.model_validate(run.header)
    made = make_report(tasks, header, seed=seed, rules=rules, all_rules=all_rules or bool(run.config.rules))
    data, page = write_report(made, tasks, run.path)
    show(made, console)
    console.print(f"Figures: {data}\nReport: {page}", markup=False, highlight=False, soft_wrap=True)


def grade_and_report(run: Run, console: Console, split: Split, *, everything: bool = False) -> int:
    """Grade what has no grade yet and report; returns the exit code. ``everything``: see ``grade_run``."""
    from swebench_runs.after_run.grade_run import grade_run
    from swebench_runs.after_run.official_files import write_official

    result = grade_run(run, console, split, everything=everything)
    for name, reason in result.failed.items():
        console.print(f"{name} was not graded: {reason}", markup=False, highlight=False)
    if result.interrupted:
        console.print("Interrupted. What is graded is saved: `runoff grade` goes on.", markup=False)
        return result.exit_code
    write(run, console, split=split)
    if run.header.get("source"):  # rows of a data set
        summary = write_official(run)
        console.print(f"As the official harness: {summary}", markup=False, highlight=False, soft_wrap=True)
    return result.exit_code
