"""Builds one layer on an engine, by the builder that every engine has; what is there already is not built again."""

from __future__ import annotations

import io
import logging
import re
import tarfile
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from environments.images.build_recipe import LAYER_LABEL, BuildRecipe, ContextFile
from environments.images.engine_build import BuildSettings, ImageBuildError, discard, run_build
from environments.images.places import locked, log_path
from environments.sandboxes.docker import Engine
from environments.sandboxes.docker.engine import engine_errors

HEAD_LABEL = "dev.runoff.head"
"""Label of a task's image: the id of its tree's one commit."""

_COMMIT = re.compile(r"[0-9a-f]{40}")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Built:
    """A layer that the engine has."""

    tag: str
    image_id: str
    """``sha256:...``."""
    size: int
    """Bytes of all its files, those of the layers below included."""
    labels: Mapping[str, str]
    seconds: float
    """What building it took; 0 where it was there."""
    reused: bool
    """Whether it was there."""

    @property
    def head(self) -> str | None:
        """The tree's one commit, of a task's image; None of another."""
        return self.labels.get(HEAD_LABEL)


def find_built(engine: Engine, tag: str) -> Built | None:
    """Return an image that the engine has; None where it lacks it. Raises SandboxError when the engine fails."""
    from docker.errors import ImageNotFound

    with engine_errors(f"look for the image {tag}"):
        try:
            found = engine.api.inspect_image(tag)
        except ImageNotFound:
            return None
    labels = (found.get("Config") or {}).get("Labels") or {}
    return Built(tag, str(found["Id"]), int(found["Size"]), labels, 0.0, reused=True)


def build(engine: Engine, recipe: BuildRecipe, folder: Path, tag: str | None = None) -> Built:
    """Build a layer, unless the engine has one of its tag; several builders of one layer wait for the first.

    Args:
        engine: where.
        recipe: of the layer; the image below it must be there, or one of a registry.
        folder: gets the log, see ``places.log_path``.
        tag: another name than the recipe's own.

    Raises:
        ImageBuildError: a command of the Dockerfile failed, or an image below cannot be had.
        SandboxError: the engine failed.
    """
    tag = tag or recipe.tag
    with locked(folder, tag):
        if found := find_built(engine, tag):
            return found
        log = log_path(folder, tag)
        logger.info("building %s (log: %s)", tag, log)
        begun = time.monotonic()
        if recipe.layer == "task":
            mark = {LAYER_LABEL: recipe.layer}
            bare, said = run_dockerfile(engine, tag, recipe, mark, log, fresh=True)
            try:
                labels = {**recipe.labels, HEAD_LABEL: _head(said, tag, log)}
                labelled = BuildRecipe("task", f"FROM {bare}\n", (), {}, labels)
                run_dockerfile(engine, tag, labelled, labels, log, name=tag)
            except BaseException:
                discard(engine, bare)
                raise
        else:
            run_dockerfile(engine, tag, recipe, recipe.labels, log, name=tag)
        made = find_built(engine, tag)
    if made is None:
        raise ImageBuildError(f"the engine built {tag} and does not have it (log: {log})")
    return Built(made.tag, made.image_id, made.size, made.labels, time.monotonic() - begun, reused=False)


def run_dockerfile(
    engine: Engine,
    what: str,
    recipe: BuildRecipe,
    labels: Mapping[str, str],
    log: Path,
    *,
    name: str | None = None,
    fresh: bool = False,
    network: str | None = None,
) -> tuple[str, list[str]]:
    """Have the engine build a Dockerfile; return the image's id and the lines that were said.

    Args:
        engine: where.
        what: for messages.
        recipe: the Dockerfile and its context; its own labels are not used.
        labels: of the image.
        log: gets the lines, after those that it has.
        name: tag of the image; None: it has none.
        fresh: run every step, also those that the engine did before, which would say nothing.
        network: of the steps; None: the engine's default.

    Raises:
        ImageBuildError: a step failed.
        SandboxError: the engine failed.
    """
    settings = BuildSettings(name=name, arguments=recipe.build_args, fresh=fresh, network=network)
    with tempfile.TemporaryFile() as context:
        _write_context(context, f"{recipe.dockerfile}\n{pairs('LABEL', labels)}", recipe.files)
        return run_build(engine, what, context, log, settings)


def pairs(instruction: str, values: Mapping[str, str]) -> str:
    """Return one instruction (LABEL or ENV) for all values: each instruction costs a container."""
    if not values:
        return ""
    return f"{instruction} {' '.join(f'{_quoted(name)}={_quoted(value)}' for name, value in sorted(values.items()))}\n"


def _quoted(text: str) -> str:
    """Return a word as a Dockerfile's own rules have it."""
    if not text.isprintable():
        raise ImageBuildError(f"{text[:80]!r} cannot stand in a Dockerfile: it holds characters that are not printable")
    if re.fullmatch(r"[\w.-]+", text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return f'"{escaped}"'


def _write_context(file: IO[bytes], dockerfile: str, files: Sequence[ContextFile]) -> None:
    with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for part in (ContextFile.of("Dockerfile", dockerfile), *files):
            entry = tarfile.TarInfo(part.name)
            entry.mode = 0o644
            if isinstance(part.content, Path):
                entry.size = part.content.stat().st_size
                with part.content.open("rb") as content:
                    archive.addfile(entry, content)
            else:
                entry.size = len(part.content)
                archive.addfile(entry, io.BytesIO(part.content))
    file.seek(0)


def _head(lines: Sequence[str], tag: str, log: Path) -> str:
    """Return the commit that ``set_up.sh`` told as its last line."""
    for line in reversed(lines):
        if _COMMIT.fullmatch(line.strip()):
            return line.strip()
    raise ImageBuildError(f"{tag} was built, but its log tells no commit: see {log}")
