"""``runoff run``: resolve the tasks of a split."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swebench_runs.cli import options

if TYPE_CHECKING:
    from swebench_runs.config import RunConfig


def run(
    subset: Annotated[str | None, typer.Option(help="A split's name, a JSONL file, or a dataset.")] = None,
    split: Annotated[str | None, typer.Option(help="Which part of the subset; `test` unless configured.")] = None,
    filter: Annotated[str | None, typer.Option(help="Regular expression over instance ids.")] = None,
    slice: Annotated[str | None, typer.Option(help="start:stop of what the filter left, e.g. 0:5.")] = None,
    shuffle: Annotated[bool | None, typer.Option("--shuffle/--no-shuffle", help="Before filter and slice.")] = None,
    instance: Annotated[list[str] | None, typer.Option("-i", "--instance", help="Only this one; repeatable.")] = None,
    model: options.Model = None,
    config: options.Config = [],  # noqa: B006 - typer makes a new list for each call
    trajectories: options.Trajectories = None,
    tests: options.Tests = None,
    turns: options.Turns = None,
    workers: options.Workers = None,
    sandbox: options.Sandbox = None,
    seed: options.Seed = None,
    abstain: options.Abstain = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The run's folder; runs/SUBSET-MODEL.")] = None,
    redo_existing: Annotated[
        bool, typer.Option("--redo-existing", help="Set what is there aside; begin anew.")
    ] = False,
    grade: Annotated[bool, typer.Option("--grade/--no-grade", help="Grade and report at the end.")] = True,
) -> int:
    """Resolve the tasks of a split; the same command again resumes."""
    from swebench_runs.config import load

    named = {
        **{"subset": subset, "split": split, "filter": filter, "slice": slice, "shuffle": shuffle},
        **{"instances": instance or None, "model": model, "workers": workers, "sandbox": sandbox, "seed": seed},
        **{"trajectories": trajectories, "tests": tests, "turns": turns, "abstain": abstain},
    }
    loaded = load(config, options.given(named))
    return _run(loaded, output or default_output(loaded), redo=redo_existing, grade=grade)


def default_output(config: RunConfig) -> Path:
    """Return where a run goes that names no folder: the same command finds it again."""
    parts = (Path(config.subset).stem, config.model.rpartition("/")[2])
    return Path("runs") / "-".join("".join(c if c.isalnum() or c in "._" else "-" for c in part) for part in parts)


def _run(config: RunConfig, output: Path, *, redo: bool, grade: bool) -> int:
    from swebench_runs import splits
    from swebench_runs.base import prepare_host
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.config import select
    from swebench_runs.errors import Exit, UsageError
    from swebench_runs.running import run_tasks
    from swebench_runs.store import Run

    console = terminal()
    prepare_host()
    found = splits.load(config.subset, config.split)
    tasks = select(found.tasks(), config)
    with Run.start(output, config, tasks, redo=redo) as stored:
        result = run_tasks(stored, tasks, found.lay_tree, console)
        for name, reason in result.failed.items():
            console.print(f"{name} was not done: {reason}", markup=False, highlight=False)
        if result.fatal:
            raise UsageError(f"{result.fatal} (the tasks that were done are saved in {output})")
        if result.interrupted:
            console.print(f"Interrupted. Everything is saved: the same command resumes {output}.", markup=False)
            return result.exit_code
        console.print(f"Predictions: {stored.path / 'preds.json'}", markup=False, highlight=False)
        if grade and found.can_grade:
            from swebench_runs.cli.report import grade_and_report

            code = grade_and_report(stored, console)
            return code if code != Exit.DONE else result.exit_code
    return result.exit_code
