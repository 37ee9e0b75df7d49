"""Base sandboxes of rows: an image that is there, built or pulled, and the sandbox that was asked for on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from environments.errors import RepositoryError
from environments.sandboxes.contract import Limits, Sandbox
from environments.specs import RunSpec, SpecError, VersionError, find_spec
from swebench_runs.config.deadlines import Deadlines
from swebench_runs.config.sandboxes import SandboxSettings, bytes_of
from swebench_runs.errors import RunoffError, UsageError
from swebench_runs.grades.row_grading.evaluation import LIMITS
from swebench_runs.one_task.ground.base_sandbox import prepare_engine, prepare_host
from swebench_runs.one_task.ground.image_base import SandboxKind, forking_kind, open_task_image
from swebench_runs.rows import Row

if TYPE_CHECKING:
    from environments.images.eviction import ImageBudget
    from environments.images.task_images import TaskImage
    from swebench_runs.config import RunConfig
    from swebench_runs.splits.images import RowImages


@dataclass(frozen=True)
class RowOptions:
    """Where the repositories, images and sandboxes of rows come from; see ``RunConfig``'s keys of these names."""

    repos: Path | None = None
    base_image: str | None = None
    image_template: str | None = None
    pull: bool = False
    sandbox: Literal["auto", "docker", "bubblewrap"] = "auto"
    limits: SandboxSettings = field(default_factory=SandboxSettings)
    """Ceilings of the sandboxes that are worked in; grading has its own."""
    image_budget: int | None = None
    """Bytes that all images may take; None: no limit."""
    deadlines: Deadlines = field(default_factory=Deadlines)

    def ceilings(self, usual: Limits | None = None) -> Limits:
        """Return the ceilings of sandboxes that are worked in: ``usual`` ones but where another is set."""
        return self.limits.limits(usual).model_copy(update={"start_seconds": self.deadlines.start})

    @classmethod
    def of(cls, config: RunConfig) -> RowOptions:
        """Return what a run's configuration says."""
        return cls(
            repos=Path(config.repos).expanduser() if config.repos else None,
            base_image=config.base_image,
            image_template=config.image_template,
            pull=config.pull,
            sandbox=config.sandbox.kind,
            limits=config.sandbox,
            image_budget=_bytes(config.image_budget),
            deadlines=config.deadlines,
        )


def _bytes(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return bytes_of(text)
    except ValueError as error:
        raise UsageError(f"image_budget {text}: {error}") from error


class RowBases:
    """Opens the base sandboxes of rows. Safe to use from any thread; nothing is asked of an engine before."""

    def __init__(self, options: RowOptions) -> None:
        """``options``: of all rows."""
        self._options = options
        self.made: dict[str, dict[str, str]] = {}
        """Instance id -> how its sandbox was made, once it was: for the record."""

    def check_host(self) -> None:
        """Check that an engine answers, and bubblewrap where that is asked for. EnvironmentMissing, in one line."""
        prepare_engine()
        if self._options.sandbox == "bubblewrap":
            prepare_host()

    def kind(self, spec: RunSpec, *, many_forks: bool) -> SandboxKind:
        """Return the sandbox that a row gets.

        ``auto`` is Docker, but for what forks hundreds of times (the vote matrix): there the image is unpacked once and
        bubblewrap forks its files, where this host has that and the tests need no services.
        """
        if self._options.sandbox != "auto":
            return self._options.sandbox
        return self._forking if many_forks and not spec.services else "docker"

    @cached_property
    def _forking(self) -> SandboxKind:
        return forking_kind()

    @contextmanager
    def open(self, row: Row, run_id: str, *, many_forks: bool = False) -> Iterator[tuple[Sandbox, RunSpec]]:
        """Give a row's base sandbox and the spec that it was made by; ``many_forks``: see ``kind``.

        Raises RunoffError, EnvironmentMissing and SandboxError, each in one line.
        """
        with _told_of(row):
            # Where a table alone tells, no engine is asked first.
            by_table = row.version and not self._options.pull
            spec = find_spec(row.repo, row.version or "") if by_table else self._images.run_spec(row)

        def image_there() -> TaskImage:
            with _told_of(row):
                return self._images.ensure(row, spec)

        kind = self.kind(spec, many_forks=many_forks)
        limits = self._options.ceilings(LIMITS) if many_forks else LIMITS
        with (
            self._budget.holding(image_there) as image,
            open_task_image(image, spec, kind=kind, limits=limits, run_id=run_id) as base,
        ):
            self.made[row.instance_id] = {"sandbox": kind, **self._told(row, spec, image)}
            yield base, spec

    def _told(self, row: Row, spec: RunSpec, image: TaskImage) -> dict[str, str]:
        told = {"image": image.reference, "environment": image.environment, "head": image.head}
        told |= {"version": spec.version, "python": spec.python}
        if not spec.test_command:
            told["tests"] = "the row's own script"
        if found := self._images.inferred.get(row.instance_id):
            told["version_from"] = f"{found.source} says {found.stated} ({found.certainty})"
        return told

    @cached_property
    def _budget(self) -> ImageBudget:
        from environments.images.eviction import ImageBudget

        return ImageBudget(self._images.engine, self._images.builder.folder, self._options.image_budget)

    @cached_property
    def _images(self) -> RowImages:
        from environments.images.pulling import Retries
        from swebench_runs.splits.images import RowImages

        asked = self._options
        return RowImages.open(
            repos=asked.repos,
            base_image=asked.base_image,
            pull=asked.pull,
            template=asked.image_template,
            retries=Retries(seconds=asked.deadlines.pull),
        )


@contextmanager
def _told_of(row: Row) -> Iterator[None]:
    """Tell of which row it is that an image cannot be had."""
    from environments.images.engine_build import ImageBuildError

    try:
        yield
    except (SpecError, VersionError, ImageBuildError, RepositoryError) as error:
        raise RunoffError(f"{row.instance_id} has no image: {error}") from error
