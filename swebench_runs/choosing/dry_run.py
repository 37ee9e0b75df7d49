"""``runoff select --execute --dry-run``: what would be built, run and paid; nothing is started, and nothing written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from environments.task import Task
from environments.text import amount
from swebench_runs import splits
from swebench_runs.choosing.executing import settings
from swebench_runs.choosing.given import Candidates, read_candidates
from swebench_runs.config import RunConfig
from swebench_runs.figures.report.words import duration
from swebench_runs.splits import task_choice

Known = Callable[[], set[str]]
"""Returns the instances whose images are on the engine already."""


@dataclass(frozen=True)
class Plan:
    """What a choice by execution would take."""

    config: RunConfig
    lines: tuple[str, ...]
    tasks: int
    issue: int
    """Characters of the longest issue."""


def planned(paths: Sequence[Path], config: RunConfig, images: Known) -> Plan:
    """Read the candidates of a split's tasks and say what would be done. UsageError as ``choose_in_split``."""
    split = splits.load(config.subset, config.split, splits.RowOptions.of(config))
    asked = task_choice.select(split.tasks(), config, split.unreadable, split.kind)
    found = read_candidates(paths, asked)
    tasks = [task for task in asked if task.instance_id in found.given]
    config = settings(config, attempts=found.most)
    by_image = [] if isinstance(split, splits.RecipeSplit) else tasks
    lines = (
        *_candidates(found, tasks),
        _environments(tasks, by_image, config, images),
        *_runs(found, tasks, config),
    )
    return Plan(config, lines, len(tasks), max((len(task.problem_statement) for task in tasks), default=0))


def images_there() -> set[str]:
    """Return the instances whose images this machine's Docker engine has. EnvironmentMissing where none answers."""
    from environments.images.images_on_disk import list_images
    from environments.images.places import image_folder
    from environments.sandboxes.docker import connect  # late: docker is imported when it is used

    return {kept.instance_id for kept in list_images(connect(), image_folder())}


def _candidates(found: Candidates, tasks: Sequence[Task]) -> Iterator[str]:
    attempts = sum(len(found.given[task.instance_id].patches) for task in tasks)
    different = _different(found, tasks)
    yield f"{amount(len(tasks), 'task')} to choose for, {amount(attempts, 'attempt')}, {different} different patches"
    refused = sum(bool(one.problem) for task in tasks for one in found.given[task.instance_id].patches)
    if refused:
        yield f"  {amount(refused, 'attempt')} would be no candidate: empty, unreadable, or without a change of source"
    if found.outside:
        others = amount(len(found.outside), "task")
        yield f"  left out, not asked for: {sum(found.outside.values())} predictions for {others}"


def _different(found: Candidates, tasks: Sequence[Task]) -> int:
    return sum(len(_patches(found, task)) for task in tasks)


def _patches(found: Candidates, task: Task) -> set[str]:
    return {one.patch for one in found.given[task.instance_id].patches if one.patch}


def _environments(tasks: Sequence[Task], by_image: Sequence[Task], config: RunConfig, images: Known) -> str:
    if not by_image:
        return f"Environments: {amount(len(tasks), 'tree')} laid here, no image"
    there = images() & {task.instance_id for task in by_image}
    missing = len(by_image) - len(there)
    verb = "pulled" if config.pull else "built"
    return f"Environments: {amount(len(there), 'image')} on the engine already, {missing} to be {verb}"


def _runs(found: Candidates, tasks: Sequence[Task], config: RunConfig) -> Iterator[str]:
    patches = _different(found, tasks)
    suites = 2 * len(tasks) + patches
    yield (
        f"Existing tests: {suites} runs (twice on each base, once on each patch) of {config.suite_seconds:g} s "
        f"at most, {duration(suites * config.suite_seconds)} in all at most"
    )
    yield (
        "The issue's examples, and its code that states no outcome: on each base and each patch, of "
        f"{config.script_timeout:g} s at most each; how many there are, only a look at the issue in its tree tells"
    )
    if config.suite_budget:
        yield f"The rest of suites that are too long: {config.suite_budget:g} s a task at most, on the finalists"
    if not config.models:
        yield "No model is asked: it costs nothing"
