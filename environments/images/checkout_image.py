"""The image of somebody's checkout: built by a Dockerfile of its own, or with the packages that its metadata names.

A checkout's Dockerfile is a stranger's program. The engine's builder runs it, with a network and without anything of
this host but the checkout's files; it is bounded in memory and time, and may not have the engine itself fetch things
(ADD with a URL), whose network is the host's.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from environments.images.build_recipe import LAYER_LABEL, BuildRecipe, ContextFile, checkout_recipe, packages_recipe
from environments.images.building import Built, build, find_built
from environments.images.engine_build import BuildSettings, ImageBuildError, run_build
from environments.images.foundation import Foundations
from environments.images.places import locked, log_path, touch_use
from environments.images.task_images import python_layer, remove_image
from environments.images.tree_tar import write_tree_tar
from environments.images.usable import assert_usable
from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker import Engine
from environments.task import EnvironmentSpec

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
    with tempfile.TemporaryDirectory(prefix="runoff-image-") as temporary:
        archive = Path(temporary) / "testbed.tar"
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
    _refuse_unsafe(tree, name)
    tag = f"runoff/dockerfile:{hashlib.sha256(json.dumps([name, files.sha256]).encode()).hexdigest()[:12]}"
    log = log_path(folder, tag)
    with locked(folder, tag):
        if found := find_built(engine, tag):
            return found
        logger.info("building %s by %s (log: %s)", tag, name, log)
        labels = {LAYER_LABEL: "environment"}
        settings = BuildSettings(name=tag, dockerfile=name, labels=labels, memory=_MEMORY, seconds=_SECONDS)
        assert isinstance(files.content, Path)
        with files.content.open("rb") as context:
            run_build(engine, name, context, log, settings)
        made = find_built(engine, tag)
    if made is None:
        raise ImageBuildError(f"the engine built {tag} and does not have it (log: {log})")
    return made


def _refuse_unsafe(tree: Path, name: str) -> None:
    """Raise ImageBuildError for a Dockerfile that is no file of the tree, or that has the engine fetch something."""
    path = tree / name
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or path.is_symlink() or not path.is_file():
        raise ImageBuildError(f"{name!r} is no file of the checkout: give a Dockerfile's path relative to its top")
    if not path.resolve().is_relative_to(tree.resolve()):
        raise ImageBuildError(f"{name!r} leads out of the checkout")
    if path.stat().st_size > _LARGEST_DOCKERFILE:
        raise ImageBuildError(f"{name} is larger than 1 MiB: that is no Dockerfile")
    content = path.read_bytes().decode("utf-8", errors="replace")
    if re.search(r"^\s*#\s*(escape|syntax)\s*=", content, re.IGNORECASE | re.MULTILINE):
        raise ImageBuildError(f"{name}: the directives `# escape=` and `# syntax=` are refused: leave them out")
    for line in re.sub(r"\\[ \t]*\r?\n", " ", content).splitlines():
        words = line.split()
        if words[:1] and words[0].upper() == "ONBUILD":
            words = words[1:]
        if words[:1] and words[0].upper() == "ADD" and re.search(r"://|\$|@", " ".join(words[1:])):
            raise ImageBuildError(
                f"{name}: {' '.join(words)[:100]!r} has the engine fetch something, which is refused: use RUN curl, or "
                "ADD of a file whose name is written out"
            )


def _tree_recipe(engine: Engine, below: Built, tree: Path, files: ContextFile) -> BuildRecipe:
    work = (engine.api.inspect_image(below.image_id).get("Config") or {}).get("WorkingDir") or ""
    names = [path.name for path in tree.iterdir() if path.name.isprintable() and path.name != ".git"]
    # By its id: a tag could come to mean another image.
    return checkout_recipe(below.image_id, files, work=work, names=names)
