"""Makes the images of many rows, a few at a time; a row whose image cannot be made stops no other."""

from __future__ import annotations

import json
import statistics
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from environments.errors import RepositoryError
from environments.images.engine_build import ImageBuildError
from environments.images.images_on_disk import evict
from environments.images.pulling import Pulled, PullError, pull_all
from environments.images.task_images import TaskImage
from environments.sandboxes.contract import SandboxError
from environments.specs import ImageSpec, SpecError, VersionError, layer_key
from swebench_runs.errors import RunoffError, UsageError
from swebench_runs.rows import Row
from swebench_runs.run_folder.outputs import is_stream, write_output
from swebench_runs.splits.images.row_images import RowImages

PROBLEMS = (ImageBuildError, RepositoryError, SandboxError, SpecError, VersionError, RunoffError)
"""What can be wrong with one row's image; all of it the infrastructure's, and no verdict on any patch."""


class Made(BaseModel):
    """What came of one row."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instance_id: str
    repo: str
    reference: str = ""
    head: str = ""
    version: str = ""
    inferred: str = ""
    """What told the version, where the row did not."""
    layer: str = ""
    """``layer_key`` of the environment layer; empty of a published image."""
    environment: str = ""
    """The image below: the environment layer's, or the published one."""
    seconds: float = 0.0
    """For the row's own layer, its files included."""
    environment_seconds: float = 0.0
    """For the layers below, or the pull."""
    added_bytes: int = 0
    reused: bool = False
    problem: str = ""
    """Why there is no image: a failure of the infrastructure; empty: there is one."""


def make_images(
    rows: Sequence[Row],
    images: RowImages,
    *,
    pull: bool = False,
    workers: int = 1,
    budget: int | None = None,
    progress: Callable[[Made], None] = lambda made: None,
    pulling: Callable[[str, Pulled | PullError], None] = lambda reference, outcome: None,
) -> list[Made]:
    """Make the image of every row; return what came of each, in their order.

    Args:
        rows: whose images to make.
        images: makes them.
        pull: take the published ones, instead of building.
        workers: how many at a time.
        budget: bytes that all of Runoff's images may take; those used longest ago go.
        progress: is told of each as it is done, from this thread.
        pulling: is told of each pull, which all come first.
    """
    work = _Making(images, pull=pull, budget=budget)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="images")
    try:
        problems = work.pull_first(rows, workers, pulling) if pull else work.layers_first(rows, pool)
        found = {
            row.instance_id: _failed(row, problems[row.instance_id]) for row in rows if row.instance_id in problems
        }
        for failed in found.values():
            progress(failed)
        todo = sorted((row for row in rows if row.instance_id not in found), key=work.layer)
        for finished in as_completed([pool.submit(work.make, row) for row in todo]):
            made = finished.result()
            found[made.instance_id] = made
            progress(made)
    finally:
        pool.shutdown(cancel_futures=True)
    return [found[row.instance_id] for row in rows]


class _Making:
    """What the workers share."""

    def __init__(self, images: RowImages, *, pull: bool, budget: int | None) -> None:
        self._images = images
        self._pull = pull
        self._budget = budget
        self._evicting = threading.Lock()
        self._specs: dict[str, ImageSpec] = {}
        self._pulled: dict[str, float] = {}
        """Instance id -> seconds of its pull."""

    def pull_first(
        self, rows: Sequence[Row], workers: int, progress: Callable[[str, Pulled | PullError], None]
    ) -> dict[str, Exception]:
        """Pull the images of all rows; return the errors of those that cannot be had."""
        references, problems = {}, dict[str, Exception]()
        for row in rows:
            try:
                references[row.instance_id] = self._images.reference(row)
            except UsageError as error:
                problems[row.instance_id] = error
        outcomes = pull_all(self._images.engine, list(references.values()), workers=workers, progress=progress)
        for name, reference in references.items():
            outcome = outcomes[reference]
            if isinstance(outcome, PullError):
                problems[name] = outcome
            else:
                self._pulled[name] = outcome.seconds
        return problems

    def layers_first(self, rows: Sequence[Row], pool: ThreadPoolExecutor) -> dict[str, Exception]:
        """Build the environment layers, each once; return the errors of the rows that have none."""
        errors = pool.map(lambda row: _error(lambda: self._find(row)), rows)
        problems = {row.instance_id: error for row, error in zip(rows, errors, strict=True) if error}
        layers = {layer_key(spec): spec for spec in self._specs.values()}
        builder = self._images.builder
        built = pool.map(lambda spec: _error(lambda: builder.environment(spec)), layers.values())
        failures = dict(zip(layers, built, strict=True))
        missing = {name: failures[layer_key(spec)] for name, spec in self._specs.items()}
        return problems | {name: error for name, error in missing.items() if error}

    def layer(self, row: Row) -> str:
        """Return the key of a row's environment layer, where it has one: to make images of one layer together."""
        return layer_key(self._specs[row.instance_id]) if row.instance_id in self._specs else ""

    def make(self, row: Row) -> Made:
        """Make one image."""
        try:
            image = self._images.pulled(row) if self._pull else self._images.ensure(row, self._specs[row.instance_id])
            if self._budget is not None:
                with self._evicting:
                    keep = {image.reference, image.environment}
                    evict(self._images.engine, self._images.builder.folder, self._budget, keep=keep)
        except PROBLEMS as error:
            return _failed(row, error)
        return self._made(row, image)

    def _made(self, row: Row, image: TaskImage) -> Made:
        spec, told = self._specs.get(row.instance_id), self._images.inferred.get(row.instance_id)
        return Made(
            instance_id=row.instance_id,
            repo=row.repo,
            reference=image.reference,
            head=image.head,
            version=spec.version if spec else row.version or "",
            inferred=f"{told.source} says {told.stated} ({told.certainty})" if told else "",
            layer=image.layer,
            environment=image.environment,
            seconds=image.seconds,
            environment_seconds=self._pulled.get(row.instance_id, image.environment_seconds),
            added_bytes=image.added_bytes,
            reused=image.reused,
        )

    def _find(self, row: Row) -> None:
        self._specs[row.instance_id] = self._images.spec(row)


def write_account(path: Path, made: Sequence[Made], notes: Sequence[str]) -> None:
    """Write what came of rows as JSON, beside what the file says of other rows.

    What it says of the making of an image that has been there since is kept. UsageError where it is another file.
    """
    known = {one.instance_id: one for one in _earlier(path)}
    for one in made:
        before = known.get(one.instance_id)
        if not (one.reused and before and not before.problem and before.reference == one.reference):
            known[one.instance_id] = one
    account = {
        "instances": {name: one.model_dump(mode="json", exclude={"instance_id"}) for name, one in known.items()},
        "environment_layers": len({one.layer for one in known.values() if one.layer}),
        "notes": list(notes),
    }
    write_output(path, json.dumps(account, indent=1) + "\n")


def medians(made: Sequence[Made]) -> tuple[float, float] | None:
    """Return the median seconds and megabytes of the images that were made anew; None where none was."""
    new = [one for one in made if not one.reused and not one.problem]
    if not new:
        return None
    return statistics.median(one.seconds for one in new), statistics.median(one.added_bytes for one in new) / 1e6


def _error(action: Callable[[], object]) -> Exception | None:
    try:
        action()
    except PROBLEMS as error:
        return error
    return None


def _failed(row: Row, error: Exception) -> Made:
    return Made(instance_id=row.instance_id, repo=row.repo, version=row.version or "", problem=str(error))


def _earlier(path: Path) -> list[Made]:
    if is_stream(path):
        return []
    try:
        instances = json.loads(path.read_text(encoding="utf-8"))["instances"]
        return [Made.model_validate({"instance_id": name, **values}) for name, values in instances.items()]
    except FileNotFoundError:
        return []
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        raise UsageError(f"{path} is no account of images: name another file ({str(error)[:80]})") from error
