"""The image of somebody's checkout: built by a Dockerfile of its own, or with the packages that its metadata names.

A checkout's Dockerfile is a stranger's program. The engine's builder runs it, with a network and without anything of
this host but the checkout's files; it is bounded in memory and time, and what it may say stands in
``strict_dockerfile``.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from environments.images.build_recipe import LAYER_LABEL, BuildRecipe, ContextFile, checkout_recipe, packages_recipe
from environments.images.building import Built, build, find_built
from environments.images.engine_build import BuildSettings, ImageBuildError, run_build
from environments.images.foundation import Foundations
from environments.images.places import locked, log_path, touch_use
from environments.images.pulling import PullError, Retries, pull
from environments.images.strict_dockerfile import DockerfileError, base_images, strict_dockerfile
from environments.images.task_images import python_layer, remove_image
from environments.images.tree_tar import write_tree_tar
from environments.images.usable import assert_usable
from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker import Engine
from environments.sandboxes.leftovers import temporary
from environments.task import EnvironmentSpec
from environments.trees.beneath import OutsideError, read_beneath

_MEMORY = 8 << 30
_SECONDS = 3600.0
_LARGEST_DOCKERFILE = 1 << 20

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CheckoutImage:
    """A checkout's image, on the engine."""

    reference: str
    """Its tag."""
    head: str
    """The tree's one commit."""
    stands_on: str
    """Tag of what its Dockerfile, or its packages, came to."""


def checkout_image(
    engine: Engine, tree: Path, spec: EnvironmentSpec, folder: Path, *, base_image: str | None = None
) -> CheckoutImage:
    """Return the image of a checkout, its tree at ``/testbed`` as one commit; what is missing of it is built.

    Args:
        engine: where.
        tree: the checkout's files; ``.git`` is left out.
        spec: names a Dockerfile, or a Python and packages.
        folder: for logs and locks, see ``places``.
        base_image: a Debian to stand on where there is no Dockerfile; by default a registry's, or a bootstrapped one.

    Raises:
        ImageBuildError: the Dockerfile is refused, or something cannot be built; the message tells where the log is.
        SandboxError: the engine failed, or the sandbox's user cannot use the image.
    """
    with temporary("image-") as place:
        archive = place / "testbed.tar"
        files = ContextFile("testbed.tar", archive, write_tree_tar(tree, archive))
        if spec.dockerfile:
            below = _by_dockerfile(engine, tree, spec.dockerfile, files, folder)
        else:
            below = _by_packages(engine, spec, folder, base_image)
        built = build(engine, _tree_recipe(engine, below, tree, files), folder)
    for tag in (below.tag, built.tag):
        touch_use(folder, tag)
    if built.head is None:
        raise ImageBuildError(f"the image {built.tag} has no label that tells its commit: remove it")
    if not built.reused:
        try:
            assert_usable(engine, built.tag, "the checkout's image", built.head, "python")
        except SandboxError:
            remove_image(engine, built.tag, folder)  # else it would be taken for a good one the next time
            raise
    return CheckoutImage(built.tag, built.head, below.tag)


def _by_packages(engine: Engine, spec: EnvironmentSpec, folder: Path, base_image: str | None) -> Built:
    python = python_layer(engine, spec.python, folder, Foundations(engine, folder, base_image=base_image))
    return build(engine, packages_recipe(spec.packages, spec.python, python.tag), folder)


def _by_dockerfile(engine: Engine, tree: Path, name: str, files: ContextFile, folder: Path) -> Built:
    text, bases = _allowed(tree, name)
    tag = f"runoff/dockerfile:{hashlib.sha256(json.dumps([name, files.sha256, text]).encode()).hexdigest()[:12]}"
    log = log_path(folder, tag)
    with locked(folder, tag):
        if found := find_built(engine, tag):
            return found
        logger.info("building %s by %s (log: %s)", tag, name, log)
        labels = {LAYER_LABEL: "environment"}
        settings = BuildSettings(name=tag, dockerfile=name, labels=labels, memory=_MEMORY, seconds=_SECONDS)
        _assert_no_triggers(engine, name, bases)
        assert isinstance(files.content, Path)
        with _context(files.content, name, text) as context:
            run_build(engine, name, context, log, settings)
        made = find_built(engine, tag)
    if made is None:
        raise ImageBuildError(f"the engine built {tag} and does not have it (log: {log})")
    return made


def _allowed(tree: Path, name: str) -> tuple[str, list[str]]:
    """Return the text that is built for a checkout's Dockerfile, and the images that it stands on. ImageBuildError."""
    try:
        text = strict_dockerfile(read_beneath(tree, name, at_most=_LARGEST_DOCKERFILE), name)
        return text, base_images(text)
    except (FileNotFoundError, OutsideError) as error:
        raise ImageBuildError(
            f"{name!r} is no file of the checkout ({error}): give a Dockerfile's path relative to its top"
        ) from error
    except DockerfileError as error:
        raise ImageBuildError(str(error)) from error


def _assert_no_triggers(engine: Engine, name: str, bases: Sequence[str]) -> None:
    """Refuse a base image that brings instructions of its own (ONBUILD): nobody has looked at them."""
    for reference in bases:
        try:
            about = engine.api.inspect_image(pull(engine, reference, Retries(attempts=2)).image_id)
        except PullError as error:
            raise ImageBuildError(f"{name}: {error}") from error
        if (about.get("Config") or {}).get("OnBuild"):
            raise ImageBuildError(f"{name}: {reference} has ONBUILD instructions, which are refused: use another base")


@contextmanager
def _context(archive: Path, name: str, text: str) -> Iterator[IO[bytes]]:
    """Give the checkout's files with the text in the Dockerfile's place: the later entry of an archive counts."""
    with tempfile.TemporaryFile() as context:
        with archive.open("rb") as files:
            shutil.copyfileobj(files, context)
        context.seek(0)
        with tarfile.open(fileobj=context, mode="a", format=tarfile.GNU_FORMAT, errors="surrogateescape") as added:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content := text.encode()), 0o644
            added.addfile(entry, io.BytesIO(content))
        context.seek(0)
        yield context


def _tree_recipe(engine: Engine, below: Built, tree: Path, files: ContextFile) -> BuildRecipe:
    work = (engine.api.inspect_image(below.image_id).get("Config") or {}).get("WorkingDir") or ""
    names = [path.name for path in tree.iterdir() if path.name.isprintable() and path.name != ".git"]
    # By its id: a tag could come to mean another image.
    return checkout_recipe(below.image_id, files, work=work, names=names)
