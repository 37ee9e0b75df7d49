"""The tasks that formats are measured on, drawn by seed before anything was run, and those to develop on."""

from __future__ import annotations

import random
from pathlib import Path

from environments.synthesis.recipe import StatementKind
from environments.synthesis.report import SynthReport
from environments.task import Task
from swebench_runs.splits.loading import starter
from swebench_runs.splits.recipe_split import RecipeSplit

SEED = 15
REPORTED = 8
"""Tasks of ``starter`` that are reported; the others with an example are there to develop on."""
FRESH = Path(__file__).with_name("fresh")
"""What ``runoff synth mutate -n 2 --seed 15`` made of packages that are not in ``starter``, a file each."""

Drawn = tuple[RecipeSplit, Task]


def reported() -> list[Drawn]:
    """Return the tasks that are reported: of ``starter``, then the first with an example of each fresh package."""
    return [*_of_starter(reported=True), *_fresh()]


def development() -> list[Drawn]:
    """Return the tasks of ``starter`` with an example that are never reported."""
    return _of_starter(reported=False)


def without_example() -> list[Drawn]:
    """Return the tasks of ``starter`` whose issue is prose: where a model's own test is what there is."""
    split = starter()
    return [(split, task) for task in split.tasks() if split.kind(task.instance_id) == "prose"]


def _of_starter(*, reported: bool) -> list[Drawn]:
    split = starter()
    tasks = {task.instance_id: task for task in split.tasks() if split.kind(task.instance_id) == "example"}
    drawn = set(random.Random(SEED).sample(sorted(tasks), REPORTED))
    return [(split, task) for name, task in sorted(tasks.items()) if (name in drawn) == reported]


def _fresh() -> list[Drawn]:
    found = []
    for path in sorted(FRESH.glob("*.json")):
        recipes = SynthReport.model_validate_json(path.read_bytes()).recipes
        first = next(recipe for recipe in recipes if recipe.kind is StatementKind.EXAMPLE)
        split = RecipeSplit(path.stem, [first])
        found.append((split, split.tasks()[0]))
    return found
