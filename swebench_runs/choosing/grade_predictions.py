"""Grades anyone's predictions: whatever ``runoff select`` reads, its own choice included, by a split's hidden tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from environments.task import Task
from swebench_runs import splits
from swebench_runs.after_run.grade_book import read_page
from swebench_runs.after_run.grade_run import grade_patches
from swebench_runs.after_run.official_files import write_official_of
from swebench_runs.choosing.own_output import to_be_graded
from swebench_runs.choosing.predictions import Prediction, read_predictions
from swebench_runs.config import RunConfig
from swebench_runs.errors import UsageError
from swebench_runs.many_tasks.batch.batch import BatchResult
from swebench_runs.run_folder.files import read_values, write_json
from swebench_runs.run_folder.folder_lock import FolderLock

GRADED = "graded.json"
"""Of which rows the folder's grades are."""


@dataclass(frozen=True)
class Book:
    """A folder of grades of somebody's predictions."""

    path: Path

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.path.resolve().name

    @property
    def grading(self) -> Path:
        """Where the grades stand."""
        return self.path / "grading"


@dataclass(frozen=True)
class GradedPredictions:
    """What came of it."""

    result: BatchResult
    summaries: tuple[Path, ...]
    """The official summary of each system."""
    resolved: Mapping[str, tuple[int, int]]
    """System -> its tasks that are resolved, and all of its tasks that the split has."""
    lost: tuple[str, ...]
    """A line for each task of a system that is not resolved: why."""
    further: Mapping[str, int]
    """System -> how many of its predictions are second and later attempts at a task: graded, and not counted."""
    unknown: tuple[str, ...]
    """Instance ids that the split lacks."""
    unread: tuple[str, ...]
    """What could not be read, and why."""


def grade_predictions(
    paths: Iterable[Path],
    split: splits.Split,
    config: RunConfig,
    output: Path,
    console: Console,
    *,
    everything: bool = False,
) -> GradedPredictions:
    """Grade predictions of files and folders, each different patch once; what has a grade in ``output`` is kept.

    Of a folder that ``runoff select`` wrote its choice is graded; ``everything``: its candidates, too.

    Raises UsageError for what holds no prediction, for none of the split's tasks, and where ``output`` holds grades of
    other rows.
    """
    reading = read_predictions(to_be_graded(paths, everything=everything), own=True)
    known = {task.instance_id for task in split.tasks()}
    mine = [one for one in reading.predictions if one.instance_id in known]
    unknown = tuple(sorted({one.instance_id for one in reading.predictions} - known))
    if not mine:
        raise UsageError(f"{split.name} has none of the tasks that are predicted ({', '.join(unknown[:5])}, ...)")
    wanted: dict[str, list[str]] = {}
    for one in mine:
        if one.patch and one.patch not in wanted.setdefault(one.instance_id, []):
            wanted[one.instance_id].append(one.patch)
    book = Book(output)
    with FolderLock(output):
        _same_rows(output, split, config)
        timeout = config.suite_timeout if isinstance(split, splits.RecipeSplit) else config.grade_timeout
        result = grade_patches(
            book, wanted, split, console, timeout=timeout, on_failure=lambda task, reason, trace: _nothing(task)
        )
        systems = _systems(mine)
        instances = list(dict.fromkeys(one.instance_id for one in mine))
        summaries = tuple(write_official_of(book, entries, instances) for entries in systems.values())
    return GradedPredictions(
        result=result,
        summaries=summaries,
        resolved={name: (_resolved(book, entries), len(entries)) for name, entries in systems.items()},
        lost=tuple(line for name, entries in systems.items() for line in _lost(book, name, entries)),
        further={name: more for name, entries in systems.items() if (more := _attempts(mine, name) - len(entries))},
        unknown=unknown,
        unread=tuple(f"{one.source} {one.reason}" for one in reading.unread),
    )


def _nothing(task: Task) -> None:
    """Keep nothing: the failure is in the result, and there is no task's folder that could hold it."""


def _systems(predictions: Iterable[Prediction]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return each system's first attempt at each task, as an official file has it; a file without a name is one."""
    systems: dict[str, dict[str, dict[str, Any]]] = {}
    for one in predictions:
        name = _system(one)
        entry = {"instance_id": one.instance_id, "model_name_or_path": name, "model_patch": one.patch}
        systems.setdefault(name, {}).setdefault(one.instance_id, entry)
    return systems


def _system(prediction: Prediction) -> str:
    return prediction.system or prediction.file.stem


def _attempts(predictions: Iterable[Prediction], system: str) -> int:
    return sum(_system(one) == system for one in predictions)


def _lost(book: Book, system: str, entries: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    for name, entry in entries.items():
        grade = read_page(book, name).of(str(entry["model_patch"]))
        if not entry["model_patch"]:
            yield f"{system}, {name}: no patch"
        elif grade is not None and grade.outcome != "resolved":
            yield f"{system}, {name}: {grade.outcome.replace('_', ' ')}: {grade.reason or grade.incident}"


def _resolved(book: Book, entries: Mapping[str, Mapping[str, Any]]) -> int:
    grades = (read_page(book, name).of(str(entry["model_patch"])) for name, entry in entries.items())
    return sum(grade is not None and grade.outcome == "resolved" for grade in grades)


def _same_rows(output: Path, split: splits.Split, config: RunConfig) -> None:
    rows = {"subset": split.name, "split": config.split, "rows": split.source.get("sha256", "")}
    known = read_values(output / GRADED)
    if known is None:
        write_json(output / GRADED, rows)
    elif known != rows:
        raise UsageError(f"{output} holds grades by the rows of {known.get('subset')}: use another -o")
