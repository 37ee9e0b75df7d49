"""``RowImages``: from a row of a data set to the image that it is worked on and graded in."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Self

from platformdirs import user_cache_path

from environments.errors import RepositoryError
from environments.images.names import ImageNameError, architecture, published_image
from environments.images.published import adopt
from environments.images.pulling import Retries, pull
from environments.images.task_images import TaskImage, TaskImages
from environments.sandboxes.docker import Engine, connect
from environments.sandboxes.leftovers import temporary
from environments.specs import (
    ImageSpec,
    Inferred,
    RunSpec,
    SpecError,
    VersionError,
    find_spec,
    infer_version,
    repositories,
)
from environments.trees.repositories import Repositories
from environments.workbench.test_logs import is_pythons, reader_name
from swebench_runs.errors import UsageError
from swebench_runs.rows import Row

PULLS = 3
"""Pulls at a time while tasks are worked on: registries throttle, and all share one line and one disk."""

logger = logging.getLogger(__name__)


class RowImages:
    """Gives rows their images. Safe under many threads, and beside other processes."""

    def __init__(
        self,
        engine: Engine,
        repositories: Repositories,
        builder: TaskImages,
        *,
        pull: bool = False,
        template: str | None = None,
        mirror: str | None = None,
        retries: Retries | None = None,
    ) -> None:
        """Use ``open``."""
        self.engine = engine
        self.builder = builder
        self.inferred: dict[str, Inferred] = {}
        """Instance id -> the version that its row does not say, and what told it: for the record."""
        self._repositories = repositories
        self._pull = pull
        self._template = template
        self._mirror = mirror
        self._lock = threading.Lock()
        self._retries = retries
        self._pulls = threading.BoundedSemaphore(PULLS)

    @classmethod
    def open(
        cls,
        *,
        repos: Path | None = None,
        base_image: str | None = None,
        bootstrap: bool = False,
        pull: bool = False,
        template: str | None = None,
        mirror: str | None = None,
        cache: Path | None = None,
        retries: Retries | None = None,
    ) -> Self:
        """Connect to the engine.

        Args:
            repos: folder of repositories; those it lacks are cloned into the cache.
            base_image: a Debian to build on; see ``TaskImages``.
            bootstrap: ask no registry when building.
            pull: take published images, instead of building any.
            template: what these are called, see ``published_image``.
            mirror: ``host[:port][/path]`` in place of their registry.
            cache: Runoff's cache folder; by default the user's.
            retries: how often and how long an image is pulled.

        Raises:
            SandboxError: no engine answers.
        """
        place = cache or user_cache_path("runoff")
        engine = connect()
        repositories = Repositories(repos.expanduser().resolve() if repos else None, place)
        builder = TaskImages(engine, repositories, base_image=base_image, bootstrap=bootstrap, cache=place / "images")
        return cls(engine, repositories, builder, pull=pull, template=template, mirror=mirror, retries=retries)

    def spec(self, row: Row) -> ImageSpec:
        """Return what a row's version needs; a version that it does not say is read from its tree, and recorded.

        Raises SpecError, VersionError and RepositoryError, each in one line.
        """
        known = row.version or (self._inferred(row).version if row.repo in repositories() else "")
        return find_spec(row.repo, known)

    def run_spec(self, row: Row) -> RunSpec:
        """Return how a row's tests are run: as our tables say, else by the row's own script (swebench 5).

        That is for published images alone, and is said in the log. Raises as ``spec`` does.
        """
        try:
            return self.spec(row)
        except (SpecError, VersionError, RepositoryError) as error:
            own = _own_spec(row) if self._pull else None
            if own is None:
                raise
            logger.warning("%s: %s; the row's own script is used", row.instance_id, error)
            return own

    def ensure(self, row: Row, spec: RunSpec) -> TaskImage:
        """Return a row's image: pulled where that was asked for, or built if it was not there.

        Raises ImageBuildError, RepositoryError, SandboxError (PullError among them) and UsageError.
        """
        if self._pull:
            return self.pulled(row)
        assert isinstance(spec, ImageSpec), "what can be built has a table's spec"
        return self.builder.ensure(row.instance_id, spec, _commit(row))

    def pulled(self, row: Row) -> TaskImage:
        """Return a row's published image, made one of ours; it is pulled unless the engine has it.

        Raises:
            PullError: it cannot be had: a failure of the infrastructure, which says nothing about any patch.
            ImageBuildError, SandboxError: it cannot be used.
            UsageError: no name can be made for it.
        """
        reference = self.reference(row)
        with self._pulls:
            found = pull(self.engine, reference, self._retries)
        python = row.log_parser is None or is_pythons(row.log_parser)
        return adopt(self.engine, found, row.instance_id, self.builder.folder, python=python)

    def reference(self, row: Row) -> str:
        """Return the name of a row's published image. UsageError where none can be made."""
        try:
            return published_image(
                row.instance_id,
                named=row.published_image,
                template=self._template,
                arch=architecture(self.engine.api.info()["Architecture"]),
                mirror=self._mirror,
            )
        except ImageNameError as error:
            raise UsageError(f"{row.instance_id}: {error}") from error

    def remove(self, image: TaskImage) -> None:
        """Remove an image that nobody needs any more; one in use stays."""
        self.builder.remove(image)

    def _inferred(self, row: Row) -> Inferred:
        with self._lock:
            if row.instance_id in self.inferred:
                return self.inferred[row.instance_id]
        with temporary("version-") as place:
            tree = place / "tree"
            self._repositories.files(row.repo, _commit(row), tree)

            def read(name: str) -> bytes | None:
                path = tree / name
                inside = path.resolve().is_relative_to(tree.resolve())
                return path.read_bytes() if inside and path.is_file() else None

            found = infer_version(row.repo, read)
        logger.warning(
            "%s: the row has no version; %s says %s, taken as %s (%s)",
            *(row.instance_id, found.source, found.stated, found.version, found.certainty),
        )
        with self._lock:
            self.inferred[row.instance_id] = found
        return found


def _own_spec(row: Row) -> RunSpec | None:
    """Return the spec of a row that says itself how its tests are run and read; None: it does not."""
    if not row.eval_script or not row.log_parser:
        return None
    log_parser = reader_name(row.log_parser, row.instance_id)
    return RunSpec(repo=row.repo, version=row.version or "", test_command="", log_parser=log_parser)


def _commit(row: Row) -> str:
    if row.base_commit is None:
        raise UsageError(f"{row.instance_id}: the row has no base_commit, and nothing can be built for it: pull it")
    return row.base_commit
