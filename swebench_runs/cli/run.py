"""``runoff run``: resolve the tasks of a split."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from swebench_runs.cli import options
from swebench_runs.run_folder.outputs import output_folder

if TYPE_CHECKING:
    from rich.console import Console

    from environments.task import Task
    from swebench_runs.config import RunConfig
    from swebench_runs.many_tasks.running import Where
    from swebench_runs.one_task.progress import Progress
    from swebench_runs.run_folder.store import Run
    from swebench_runs.splits import Split


Subset = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="starter, lite, verified, full, multilingual, a file of tasks, or a dataset.  [default: starter]",
    ),
]
Filter = Annotated[
    str | None, typer.Option(metavar="REGEX", help="Regular expression over instance ids.  [default: all]")
]
Slice = Annotated[
    str | None,
    typer.Option(metavar="SLICE", help="start:stop of what the filter left, e.g. 0:5; i/n: the i-th of n parts."),
]
Shuffle = Annotated[
    bool | None, typer.Option("--shuffle/--no-shuffle", help="Before filter and slice.  [default: no-shuffle]")
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FOLDER",
        callback=output_folder,
        help="The run's folder.  [default: runs/SUBSET-MODEL]",
    ),
]
Redo = Annotated[
    list[str] | None,
    typer.Option(
        metavar="STATUS",
        help="Do tasks again that ended so (failed, abstained, fewer, LimitsExceeded, ...); repeatable.",
    ),
]
Log = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Append what happens as JSON lines with ids; docs/cluster.md.")
]
Metrics = Annotated[
    str | None, typer.Option(metavar="[HOST:]PORT", help="Serve figures for Prometheus at /metrics while it runs.")
]
Otlp = Annotated[str | None, typer.Option(metavar="URL", help="Send traces and figures to an OpenTelemetry collector.")]


def run(
    subset: Subset = None,
    split: options.Split = None,
    filter: Filter = None,
    slice: Slice = None,
    shuffle: Shuffle = None,
    instance: options.Instance = None,
    model: options.Model = None,
    profile: options.Profile = None,
    api_base: options.ApiBase = None,
    config: options.Config = [],  # noqa: B006 - typer makes a new list for each call
    scaffold: options.Scaffold = None,
    trajectories: options.Trajectories = None,
    tests: options.Tests = None,
    turns: options.Turns = None,
    cost_limit: options.CostLimit = None,
    workers: options.Workers = None,
    cluster: options.Cluster = None,
    shared: options.SharedFolder = None,
    sandbox: options.Sandbox = None,
    repos: options.Repos = None,
    base_image: options.BaseImage = None,
    image_template: options.ImageTemplate = None,
    pull: options.Pull = None,
    seed: options.Seed = None,
    abstain: options.Abstain = None,
    output: Output = None,
    redo_existing: options.RedoExisting = False,
    redo: Redo = None,
    grade: Annotated[bool, typer.Option("--grade/--no-grade", help="Grade and report at the end.")] = True,
    log: Log = None,
    metrics: Metrics = None,
    otlp: Otlp = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
) -> int:
    """Resolve the tasks of a split; the same command again resumes."""
    from swebench_runs.config import load
    from swebench_runs.telemetry import telling

    named = {
        **{"subset": subset, "split": split, "filter": filter, "slice": slice, "shuffle": shuffle},
        **{"instances": instance or None, "model": model, "workers": workers, "sandbox": sandbox, "seed": seed},
        **{"repos": str(repos) if repos else None, "base_image": base_image, "image_template": image_template},
        **{"pull": pull, "trajectories": trajectories, "tests": tests, "turns": turns, "abstain": abstain},
        **{"profile": profile, "api_base": api_base, "scaffold": scaffold, "cluster": cluster, "shared": shared},
        "cost_limit": cost_limit,
    }
    loaded = load(config, options.given(named))
    place = output or default_output(loaded)
    if dry_run:
        return _foretell(loaded, place)
    with telling(place.resolve().name, log=log, metrics=metrics, otlp=otlp) as watchers:
        return _run(loaded, place, watchers, redo_existing=redo_existing, redo=redo or (), grade=grade, yes=yes)


def default_output(config: RunConfig) -> Path:
    """Return where a run goes that names no folder: the same command finds it again."""
    models = "+".join(name.rpartition("/")[2] for name in config.pool_of("edit").names)
    parts = (Path(config.subset).stem, models if len(models) <= 80 else f"{models[:80]}-and-more")
    return Path("runs") / "-".join("".join(c if c.isalnum() or c in "._" else "-" for c in part) for part in parts)


def _chosen(config: RunConfig) -> tuple[Split, list[Task]]:
    """Return the split and the tasks of it that are asked for."""
    from swebench_runs import splits
    from swebench_runs.errors import UsageError
    from swebench_runs.splits.task_choice import select

    if config.dockerfile:
        raise UsageError("dockerfile is for `runoff fix`: a split's tasks have images of their own; leave it out")
    found = splits.load(config.subset, config.split, splits.RowOptions.of(config))
    return found, select(found.tasks(), config, found.unreadable, found.kind)


def _foretell(config: RunConfig, output: Path) -> int:
    """Say what the tasks would take that have no decision yet."""
    from swebench_runs.cli.spending import tell_forecast

    _, tasks = _chosen(config)
    todo = [task for task in tasks if not (output / "tasks" / task.instance_id / "decision.json").is_file()]
    longest = max((len(task.problem_statement) for task in todo), default=0)
    return tell_forecast(config, len(todo), output.parent, longest)


def _run(
    config: RunConfig,
    output: Path,
    watchers: Sequence[Progress],
    *,
    redo_existing: bool,
    redo: Sequence[str],
    grade: bool,
    yes: bool,
) -> int:
    from swebench_runs import splits
    from swebench_runs.after_run.redo import known_status
    from swebench_runs.cli.spending import agree
    from swebench_runs.cli.terminal import terminal
    from swebench_runs.errors import Exit, UsageError
    from swebench_runs.many_tasks.running import AFTER_A_CHANGE, run_tasks, undone
    from swebench_runs.run_folder.store import Run

    console = terminal()
    redo = [known_status(word) for word in redo]  # a wrong one leaves no folder behind
    found, tasks = _chosen(config)
    if not config.cluster:
        found.check_host()
    agree(config, console, yes=yes, begun=output / "tasks")
    with (
        Run.start(output, config, tasks, redo=redo_existing, source=found.source) as stored,
        _place(config, found, stored) as where,
    ):
        _begin_anew(stored, tasks, redo, console)
        result = run_tasks(stored, tasks, splits.recorded(stored, found), console, where=where, also=watchers)
        for line in undone(stored, tasks, result):
            console.print(line, markup=False, highlight=False)
        if result.fatal:
            raise UsageError(f"{result.fatal} (what was done is saved in {output}; {AFTER_A_CHANGE})")
        if result.interrupted:
            console.print(f"Interrupted. Everything is saved: the same command resumes {output}.", markup=False)
            return result.exit_code
        console.print(f"Predictions: {stored.path / 'preds.json'}", markup=False, highlight=False)
        if grade and found.can_grade:
            from swebench_runs.cli.report import grade_and_report

            code = grade_and_report(stored, console, found)
            return code if code != Exit.DONE else result.exit_code
    return result.exit_code


@contextmanager
def _place(config: RunConfig, split: Split, stored: Run) -> Iterator[Where | None]:
    """Give who works on the tasks: a cluster's nodes where one is asked for, else this process (None)."""
    if config.cluster is None:
        yield None
        return
    from swebench_runs.many_tasks.cluster import end_left, joined, on_nodes
    from swebench_runs.many_tasks.cluster.job import Ground
    from swebench_runs.splits import recorded

    with joined(config.cluster):
        if all(map(stored.decided, stored.instances)):
            end_left(stored)  # nobody will drive, and what comes after may take long
        try:
            yield partial(on_nodes, Ground(split.check_host, partial(recorded, split=split)), config.shared)
        finally:
            end_left(stored)


def _begin_anew(stored: Run, tasks: Sequence[Task], redo: Sequence[str], console: Console) -> None:
    """Set aside what is to be done again, and tell of tasks that were decided with less than is asked for now."""
    from environments.text import amount
    from swebench_runs.after_run.redo import set_aside
    from swebench_runs.after_run.statuses import has_fewer

    if redo and (again := set_aside(stored, tasks, redo)):
        console.print(
            f"{amount(len(again), 'task')} {'begins' if len(again) == 1 else 'begin'} anew: {', '.join(again)}",
            markup=False,
            highlight=False,
        )
    if fewer := [task.instance_id for task in tasks if has_fewer(stored, task.instance_id)]:
        console.print(
            f"{amount(len(fewer), 'task was', 'tasks were')} decided with fewer trajectories, and so it stays: "
            "--redo fewer continues them",
            markup=False,
        )
