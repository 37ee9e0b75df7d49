"""Choosing among anyone's predictions by running things: the second half of a run, over patches that were given.

What comes of it is a run's folder like any other: `status`, `inspect`, `report` and `grade` read it, and the same
command goes on with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from rich.console import Console

from environments.task import Task
from environments.text import one_line
from selection.rules import EXECUTED_RULE
from swebench_runs import splits
from swebench_runs.choosing.executed_account import told, write
from swebench_runs.choosing.given import Candidates, read_candidates
from swebench_runs.config import RunConfig, parse
from swebench_runs.errors import UsageError
from swebench_runs.many_tasks.running import run_tasks, undone
from swebench_runs.one_task.given_patches import FILE, GivenPatches
from swebench_runs.one_task.ground.base_sandbox import OpenBase
from swebench_runs.run_folder.predictions import PREDICTIONS
from swebench_runs.run_folder.store import Run
from swebench_runs.splits import task_choice

NO_MODEL = "none"
"""What a run's configuration calls the model where none is asked."""
WITHOUT_A_MODEL = {"model": NO_MODEL, "tests": 0, "judge": "off", "runoff_turns": 0, "locate": "none"}
"""The keys of a run in which gate, examples and agreement decide alone."""


def choose_in_split(
    paths: Sequence[Path],
    config: RunConfig,
    output: Path,
    console: Console,
    *,
    allow: Callable[[RunConfig], None],
    redo: bool = False,
) -> int:
    """Choose for the tasks of a split that have candidates; the exit code.

    ``allow`` raises where what the run may cost is not agreed to. The rest as ``choose_in_run``.
    """
    split = splits.load(config.subset, config.split, splits.RowOptions.of(config))
    asked = task_choice.select(split.tasks(), config, split.unreadable, split.kind)
    found = read_candidates(paths, asked)
    tasks = [task for task in asked if task.instance_id in found.given]
    config = settings(config, attempts=found.most)
    split.check_host()
    allow(config)
    with Run.start(output, config, tasks, redo=redo, source=split.source) as run:
        return choose_in_run(run, tasks, found, splits.recorded(run, split), console, asked=len(asked))


def choose_in_run(
    run: Run, tasks: Sequence[Task], found: Candidates, open_base: OpenBase, console: Console, *, asked: int
) -> int:
    """Choose for every task that has no choice yet, and write why; the exit code.

    Raises UsageError where other candidates were given before, and where no task can be done.
    """
    for task in tasks:
        _put(run, task, found.given[task.instance_id])
    _say(console, told(run, found, asked))
    result = run_tasks(run, tasks, open_base, console)
    account = write(run, found)
    _say(console, undone(run, tasks, result))
    if result.fatal:
        raise UsageError(f"{result.fatal} (what was done is saved in {run.path}: the same command goes on)")
    if result.interrupted:
        _say(console, [f"Interrupted. Everything is saved: the same command resumes {run.path}."])
    _say(console, [f"Predictions: {run.path / PREDICTIONS}", f"Why: {account}"])
    return result.exit_code


def _say(console: Console, lines: Iterable[str]) -> None:
    for line in lines:
        console.print(one_line(line), markup=False, highlight=False, soft_wrap=True)


def settings(config: RunConfig, *, attempts: int) -> RunConfig:
    """Return the configuration of a run over given candidates, at most ``attempts`` of a task.

    One that names no model asks none: the embedded one, which a run takes then, is for who says ``-m local``.
    """
    with_model = bool(config.model_fields_set & {"model", "roles"})
    rule = config.rule if "rule" in config.model_fields_set else EXECUTED_RULE
    wanted = {"given": True, "rule": rule, "scaffold": None, "trajectories": attempts} | (
        {} if with_model else WITHOUT_A_MODEL
    )
    return parse(config.model_dump(mode="json") | wanted)


def _put(run: Run, task: Task, given: GivenPatches) -> None:
    folder = run.task(task.instance_id)
    known = folder.read(FILE, GivenPatches)
    if known is not None and _patches(known) != _patches(given):
        raise UsageError(
            f"{run.path} was begun with other candidates for {task.instance_id}: give another -o, or --redo-existing"
        )
    if known is None:
        folder.write(FILE, given)


def _patches(given: GivenPatches) -> list[str]:
    return [one.patch for one in given.patches]
