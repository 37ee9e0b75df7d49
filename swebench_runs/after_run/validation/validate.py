"""Validates many rows, a few at a time: what is on file is not done again, what was built is not kept."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Protocol

from environments.errors import RepositoryError
from environments.images.engine_build import ImageBuildError
from environments.images.task_images import TaskImage
from environments.record_file import append_line, read_lines
from environments.sandboxes.contract import SandboxError
from environments.specs import RunSpec, SpecError, VersionError
from swebench_runs.after_run.validation.record import Side, Validation, of_failure
from swebench_runs.errors import UsageError
from swebench_runs.grades.row_grading import LIMITS, Evaluation, evaluate
from swebench_runs.one_task.ground.image_base import SandboxKind, open_task_image
from swebench_runs.rows import Row
from swebench_runs.run_folder.files import write_whole

RECORDS = "validation.jsonl"

logger = logging.getLogger(__name__)


class Images(Protocol):
    """What gives a row its image."""

    def run_spec(self, row: Row) -> RunSpec:
        """Return how its tests are run. Raises SpecError."""
        ...

    def ensure(self, row: Row, spec: RunSpec) -> TaskImage:
        """Return its image, built if it was not there. Raises ImageBuildError, RepositoryError, SandboxError."""
        ...

    def remove(self, image: TaskImage) -> None:
        """Remove an image that nobody needs any more."""
        ...


def validate_rows(
    rows: Sequence[Row],
    images: Images,
    folder: Path,
    *,
    kind: SandboxKind = "docker",
    workers: int = 1,
    keep: bool = False,
    progress: Callable[[Validation], None] = lambda found: None,
) -> list[Validation]:
    """Return the validation of every row, in their order.

    Args:
        rows: what to validate.
        images: gives each its image.
        folder: gets a line per row, at once, and the logs; a row with a line there is not done again, but for those
            that the machine failed.
        kind: the sandbox.
        workers: how many at a time.
        keep: leave the images that were built.
        progress: is told of each as it is done, from this thread.
    """
    path = folder / RECORDS
    known = {found.instance_id: found for found in stored(path) if found.sandbox == kind and not found.problem}
    todo = [row for row in rows if row.instance_id not in known]
    guard = threading.Lock()

    def validate(row: Row) -> Validation:
        found = _validated(row, images, folder / "logs", kind=kind, keep=keep)
        with guard:
            append_line(path, found.model_dump(mode="json"))
        return found

    with ThreadPoolExecutor(workers, thread_name_prefix="validate") as pool:
        for done in as_completed([pool.submit(validate, row) for row in todo]):
            found = done.result()
            known[found.instance_id] = found
            progress(found)
    return [known[row.instance_id] for row in rows]


def stored(path: Path) -> list[Validation]:
    """Return what is on file; a line that was cut off by a crash is removed."""
    return [Validation.model_validate(line) for line in read_lines(path)]


def _validated(row: Row, images: Images, logs: Path, *, kind: SandboxKind, keep: bool) -> Validation:
    spec = None
    try:
        spec = images.run_spec(row)
        image = images.ensure(row, spec)
        try:
            with open_task_image(image, spec, kind=kind, limits=LIMITS, run_id="validate") as base:
                gold = _side(evaluate(row, row.patch, base, spec), logs / row.instance_id, "gold")
                none = _side(evaluate(row, None, base, spec), logs / row.instance_id, "empty")
        finally:
            if not keep and not image.reused:
                images.remove(image)
    except (SpecError, VersionError, ImageBuildError, RepositoryError, SandboxError, UsageError) as error:
        logger.info("%s was not evaluated: %s", row.instance_id, error)
        return of_failure(row, spec, kind, str(error))
    return Validation(
        instance_id=row.instance_id,
        repo=row.repo,
        version=spec.version,
        python=spec.python,
        layer=image.layer,
        sandbox=kind,
        image_seconds=image.seconds,
        image_bytes=image.added_bytes,
        gold=gold,
        base=none,
    )


def _side(found: Evaluation, folder: Path, name: str) -> Side:
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / f"{name}.log", found.log.encode("utf-8", "surrogateescape"))
    return Side.of(found)
