"""Anyone's predictions as candidates of tasks that can be run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from agent.patch import appliable
from environments.bounded import VALUE_BYTES, TooLarge, read_regular
from environments.task import Task
from selection.patches import ballot_of_patches
from swebench_runs.choosing.predictions import Prediction, Reading, read_predictions
from swebench_runs.errors import UsageError
from swebench_runs.one_task.given_patches import GivenPatch, GivenPatches

DIFFS = (".diff", ".patch")
"""Endings of files that hold one diff and nothing else: they do not say which task they are for."""
_TOO_LONG = "it is too long to be run beside the others: no repair has so many characters"
LONGEST, ROOM = 1 << 20, 16 << 20
"""Characters of one candidate, and of all different ones of a task, at most: they stand in several of its records."""


@dataclass(frozen=True)
class Candidates:
    """What was read, and what of it is for the tasks asked for."""

    reading: Reading
    given: dict[str, GivenPatches]
    """By instance id, of the tasks that have any."""
    outside: dict[str, int]
    """Instance id that is not asked for -> how many predictions for it are left out."""

    @property
    def most(self) -> int:
        """Attempts at a task, of that which has most."""
        return max(len(given.patches) for given in self.given.values())


def read_candidates(paths: Iterable[Path], tasks: Sequence[Task]) -> Candidates:
    """Read predictions of any form; grades that their files hold are dropped on reading.

    Raises UsageError for what holds no prediction, and for none of the tasks.
    """
    reading = read_predictions(paths)
    by_task: dict[str, list[Prediction]] = defaultdict(list)
    for prediction in reading.predictions:
        by_task[prediction.instance_id].append(prediction)
    given = {task.instance_id: _given(by_task[task.instance_id]) for task in tasks if task.instance_id in by_task}
    outside = {name: len(found) for name, found in sorted(by_task.items()) if name not in given}
    if not given:
        some = ", ".join(list(outside)[:3])
        raise UsageError(f"no task that is asked for has a candidate: there are candidates for {some}")
    return Candidates(reading, given, outside)


def of_one_task(paths: Iterable[Path], task: Task) -> Candidates:
    """Read predictions that are all for one task, by whatever id their files call it, and files of one diff each.

    A folder is read with all below it. Raises UsageError.
    """
    paths = [file for path in paths for file in _opened(path)]
    others = [path for path in paths if path.suffix not in DIFFS]
    reading = read_predictions(others) if others else Reading()
    names = sorted({prediction.instance_id for prediction in reading.predictions})
    if len(names) > 1:
        some = ", ".join(names[:3])
        raise UsageError(
            f"a checkout is one task, and the candidates are for {len(names)} tasks ({some}): give one's alone"
        )
    reading.predictions += [_diff(path) for path in paths if path.suffix in DIFFS]
    return Candidates(reading, {task.instance_id: _given(reading.predictions)}, {})


def _opened(path: Path) -> list[Path]:
    """Return a folder's files of one diff each, and the folder itself where it holds other files; else the path."""
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.rglob("*") if file.is_file())
    diffs = [file for file in files if file.suffix in DIFFS]
    return diffs if len(diffs) == len(files) and diffs else [*diffs, path]


def _diff(path: Path) -> Prediction:
    try:
        text = read_regular(path, at_most=VALUE_BYTES).decode("utf-8", "surrogateescape")
    except (OSError, TooLarge) as error:
        raise UsageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return Prediction(instance_id="", patch=text, file=path, where="", form="diff")


def _given(predictions: Sequence[Prediction]) -> GivenPatches:
    """Return a task's attempts in an order that depends on their patches alone, those without a candidate last."""
    ordered = sorted(predictions, key=lambda one: (one.patch, one.source))
    too_long = _too_long({prediction.patch for prediction in ordered})
    found = ballot_of_patches(["" if one.patch in too_long else one.patch for one in ordered])
    problems = {**found.problems, **{i: _TOO_LONG for i, one in enumerate(ordered) if one.patch in too_long}}
    return GivenPatches(patches=tuple(_patch(ordered[i], problems.get(i, "")) for i in found.order))


def _too_long(patches: Set[str]) -> set[str]:
    """Return the patches that are left out: the longest, until the others have room."""
    room, left_out = ROOM, set()
    for patch in sorted(patches, key=lambda patch: (len(patch), patch)):
        room -= len(patch)
        if len(patch) > LONGEST or room < 0:
            left_out.add(patch)
    return left_out


def _patch(prediction: Prediction, problem: str) -> GivenPatch:
    return GivenPatch(
        patch="" if problem else appliable(prediction.patch) or prediction.patch,
        source=prediction.source,
        system=prediction.system,
        problem=problem,
    )
