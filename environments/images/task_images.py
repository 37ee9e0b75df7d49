"""The image of a task: every layer of it that is missing is built, the rest is reused."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from environments.images.build_recipe import (
    ContextFile,
    base_recipe,
    environment_recipe,
    python_recipe,
    task_recipe,
)
from environments.images.building import Built, build, find_built
from environments.images.engine_build import ImageBuildError
from environments.images.foundation import Foundations
from environments.images.places import forget_use, image_folder, touch_use
from environments.images.tree_tar import write_tree_tar
from environments.sandboxes.docker import Engine
from environments.sandboxes.leftovers import temporary
from environments.specs import ImageSpec, layer_key
from environments.trees.repositories import Repositories

_CERTIFICATES = Path("/usr/local/share/ca-certificates")
"""Where a Debian or Ubuntu host keeps authorities of its own network."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TaskImage:
    """A task's image, on the engine."""

    instance_id: str
    reference: str
    """Its tag."""
    head: str
    """The tree's one commit."""
    environment: str
    """Tag of the environment layer below it; of a published image, the reference that it was pulled by."""
    layer: str
    """``layer_key`` of the environment layer; empty of a published image."""
    added_bytes: int
    """What it adds to the layer below it."""
    seconds: float
    """What making it took, from its files on, with the environment layer there; 0 where it was there."""
    environment_seconds: float
    """What the layers below took; 0 where they were there."""
    reused: bool
    """Whether it was there."""


class TaskImages:
    """Builds images of tasks on one engine. Safe under many threads, and beside other processes."""

    def __init__(
        self,
        engine: Engine,
        repositories: Repositories,
        *,
        base_image: str | None = None,
        bootstrap: bool = False,
        cache: Path | None = None,
    ) -> None:
        """Nothing is built yet.

        Args:
            engine: see ``environments.sandboxes.docker.connect``.
            repositories: where the trees come from.
            base_image: a Debian to stand on; by default a registry's, or where none answers a bootstrapped one.
            bootstrap: ask no registry: make Debian and CPythons by ``docker/bootstrap.sh``.
            cache: folder for logs and locks; by default in the user's cache.
        """
        self.folder = cache or image_folder()
        self._engine = engine
        self._repositories = repositories
        self._foundations = Foundations(engine, self.folder, base_image=base_image, bootstrap=bootstrap)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was taken in place of a registry's images, and why: for the record."""
        return tuple(self._foundations.notes)

    def environment(self, spec: ImageSpec) -> Built:
        """Return the environment layer that a spec needs; those below it and it are built if they are missing.

        Raises ImageBuildError and SandboxError, as ``ensure`` does.
        """
        python = python_layer(self._engine, spec.python, self.folder, self._foundations)
        built = build(self._engine, environment_recipe(spec, python.tag), self.folder)
        touch_use(self.folder, built.tag)
        return built

    def ensure(self, instance_id: str, spec: ImageSpec, base_commit: str) -> TaskImage:
        """Return a task's image; whatever it lacks is built.

        Args:
            instance_id: the row's; goes into labels.
            spec: of the row's version.
            base_commit: whole id.

        Raises:
            ImageBuildError: a layer cannot be built, or stood on; the message tells where the log is.
            RepositoryError: the tree cannot be had.
            SandboxError: the engine failed.
        """
        asked = time.monotonic()
        environment = self.environment(spec)
        tag = _tag(instance_id, spec, base_commit, environment.tag)
        begun = time.monotonic()
        environment_seconds = 0.0 if environment.reused else begun - asked
        built = find_built(self._engine, tag) or self._built(instance_id, spec, base_commit, environment, tag)
        seconds = 0.0 if built.reused else time.monotonic() - begun
        if built.head is None:
            raise ImageBuildError(f"the image {tag} has no label that tells its commit: remove it (docker rmi {tag})")
        touch_use(self.folder, tag)
        return TaskImage(
            instance_id=instance_id,
            reference=tag,
            head=built.head,
            environment=environment.tag,
            layer=layer_key(spec),
            added_bytes=built.size - environment.size,
            seconds=seconds,
            environment_seconds=environment_seconds,
            reused=built.reused,
        )

    def remove(self, image: TaskImage) -> None:
        """Remove a task's own layer; one that something still uses stays, and that is logged."""
        remove_image(self._engine, image.reference, self.folder)

    def _built(self, instance_id: str, spec: ImageSpec, base_commit: str, environment: Built, tag: str) -> Built:
        with temporary("image-") as place:
            submodules = self._repositories.files(spec.repo, base_commit, place / "tree")
            if submodules:
                logger.warning("%s: submodules are left empty: %s", instance_id, ", ".join(submodules))
            archive = place / "testbed.tar"
            write_tree_tar(place / "tree", archive)
            recipe = task_recipe(
                spec,
                environment.tag,
                instance_id=instance_id,
                base_commit=base_commit,
                tree=_tree(spec, base_commit, archive),
                tag=self._repositories.nearest_tag(spec.repo, base_commit),
            )
            return build(self._engine, recipe, self.folder, tag)


def python_layer(engine: Engine, python: str, folder: Path, foundations: Foundations) -> Built:
    """Return the layer of a CPython (``major.minor``), built where it is missing. Raises as ``TaskImages.ensure``."""
    foundation = foundations.of(python)
    base = base_recipe(foundation.base_image, _certificates())
    for layer in (base, python_recipe(python, base.tag, foundation.python_image)):
        built = build(engine, layer, folder)
        touch_use(folder, built.tag)
    return built


def remove_image(engine: Engine, reference: str, folder: Path) -> bool:
    """Remove an image that nothing uses; says whether it is gone. One in use stays, and that is logged."""
    from docker.errors import APIError, NotFound

    from environments.sandboxes.docker.engine import engine_errors, explanation

    with engine_errors(f"remove {reference}"):
        try:
            engine.api.remove_image(reference)
        except NotFound:
            pass
        except APIError as error:
            if error.response.status_code != 409:
                raise
            logger.warning("%s stays: %s", reference, explanation(error))
            return False
    forget_use(folder, reference)
    return True


def _tag(instance_id: str, spec: ImageSpec, base_commit: str, environment: str) -> str:
    """Return the tag of a task's image, known before its files are laid."""
    tree = _tree(spec, base_commit, b"")
    return task_recipe(spec, environment, instance_id=instance_id, base_commit=base_commit, tree=tree).tag


def _tree(spec: ImageSpec, base_commit: str, content: Path | bytes) -> ContextFile:
    """Return a tree's archive; the commit's id, which is a hash too, stands for its files and for the nearest tag."""
    identity = hashlib.sha256(f"tree-1 {spec.repo} {base_commit}".encode()).hexdigest()
    return ContextFile("testbed.tar", content, identity)


def _certificates() -> Mapping[str, bytes]:
    """Return the host's own authorities: what downloads here are checked by must hold in a build too."""
    return {path.name: path.read_bytes() for path in sorted(_CERTIFICATES.glob("*.crt"))}
