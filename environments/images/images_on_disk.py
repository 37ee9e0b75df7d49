"""The images that Runoff has on an engine: what they take, when they were last used, and which go first."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments.images.build_recipe import LAYER_LABEL
from environments.images.places import last_use
from environments.images.task_images import remove_image
from environments.sandboxes.docker import Engine
from environments.sandboxes.docker.engine import engine_errors

_FOUNDATIONS = ("runoff/debian", "runoff/cpython")
"""Made without a registry by ``docker/bootstrap.sh``; they carry no label."""

_UNFINISHED = 3600.0
"""Seconds after which an image without a name is no longer taken for one that is being built."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """An image of Runoff's."""

    reference: str
    layer: str
    """base, python, environment, task or published; foundation for what bootstrapping made."""
    instance_id: str
    """Of a task's image; else empty."""
    own_bytes: int
    """What is in no other image of Runoff's below it: what removing it frees, once nothing stands on it."""
    shared_bytes: int
    """What is in images below it."""
    last_used: float
    """Seconds since 1970; when it was made, where no use is known."""
    in_use: bool
    """A container runs from it."""
    dependents: int
    """Images of Runoff's that stand on it."""


def list_images(engine: Engine, folder: Path) -> list[Kept]:
    """Return Runoff's images, those used longest ago first. Raises SandboxError when the engine fails.

    ``folder``: where uses are recorded, see ``places``.
    """
    with engine_errors("list its images"):
        found = [(name, image) for image in _labelled(engine) for name in image.get("RepoTags") or ()]
        looked = {image["Id"]: engine.api.inspect_image(image["Id"]) for _, image in found}
        running = [_layers(about) for about in _of_containers(engine)]
    layers = {image: _layers(about) for image, about in looked.items()}
    kept = []
    for name, image in found:
        own = layers[image["Id"]]
        below = [other for other, parts in layers.items() if parts != own and own[: len(parts)] == parts]
        shared = max((int(looked[other]["Size"]) for other in below), default=0)
        labels = image.get("Labels") or {}
        kept.append(
            Kept(
                reference=name,
                layer=labels.get(LAYER_LABEL, "foundation"),
                instance_id=labels.get("dev.runoff.instance", ""),
                own_bytes=int(looked[image["Id"]]["Size"]) - shared,
                shared_bytes=shared,
                last_used=last_use(folder, name) or float(image["Created"]),
                in_use=any(parts[: len(own)] == own for parts in running),
                dependents=sum(parts != own and parts[: len(own)] == own for parts in layers.values()),
            )
        )
    return sorted(kept, key=lambda one: (one.last_used, one.reference))


def total_bytes(kept: Iterable[Kept]) -> int:
    """Return what images take together, each shared layer counted once."""
    return sum(one.own_bytes for one in kept)


def evict(
    engine: Engine, folder: Path, budget: int, *, keep: Collection[str] = (), keep_layers: Collection[str] = ()
) -> list[Kept]:
    """Remove images, those used longest ago first, until the rest takes no more than ``budget`` bytes.

    Tasks' images and published ones go; an environment goes once nothing stands on it. Never one that a container runs
    from, one in ``keep`` or of ``keep_layers``, or what all others stand on.

    Returns:
        What was removed. Images in use may keep the rest above the budget; that is logged.
    """
    removed: list[Kept] = []
    while (kept := list_images(engine, folder)) and total_bytes(kept) > budget:
        over = total_bytes(kept) - budget
        going = _first(kept, over, {*keep, *(one.reference for one in removed)}, keep_layers)
        gone = [one for one in going if remove_image(engine, one.reference, folder)]
        removed += gone
        if not gone:
            logger.warning("images take %d MB more than their budget, and those left are in use", over >> 20)
            break
    return removed


def remove_all(engine: Engine, folder: Path) -> list[Kept]:
    """Remove every image of Runoff's that no container runs from, those of foundations excepted; return them."""
    removed: list[Kept] = []
    while going := [one for one in list_images(engine, folder) if _removable(one, "foundation")]:
        gone = [one for one in going if remove_image(engine, one.reference, folder)]
        removed += gone
        if not gone:
            break
    return removed


def remove_unfinished(engine: Engine) -> int:
    """Remove what builds left that were cut off over an hour ago; return how many images."""
    from docker.errors import APIError

    removed = 0
    with engine_errors("list its images"):
        found = engine.api.images(filters={"label": LAYER_LABEL, "dangling": True})
        for image in found:
            if time.time() - float(image["Created"]) < _UNFINISHED:
                continue
            try:
                engine.api.remove_image(image["Id"])
                removed += 1
            except APIError as error:
                logger.debug("%s stays: %s", image["Id"], error)
    return removed


def _first(kept: Sequence[Kept], bytes_over: int, spared: Collection[str], layers: Collection[str]) -> list[Kept]:
    going: list[Kept] = []
    for one in kept:
        if _removable(one, "base", "python", "foundation", *layers) and one.reference not in spared:
            going.append(one)
            bytes_over -= one.own_bytes
            if bytes_over <= 0:
                break
    return going


def _removable(one: Kept, *spared_layers: str) -> bool:
    return not one.in_use and not one.dependents and one.layer not in spared_layers


def _labelled(engine: Engine) -> list[dict[str, Any]]:
    named = [image for name in _FOUNDATIONS for image in engine.api.images(name)]
    found = {image["Id"]: image for image in [*named, *engine.api.images(filters={"label": LAYER_LABEL})]}
    return [image for image in found.values() if image.get("RepoTags") not in (None, ["<none>:<none>"])]


def _of_containers(engine: Engine) -> Iterator[dict[str, Any]]:
    """Yield what the engine says of the images that containers run from, a fork's frozen ones included."""
    from docker.errors import ImageNotFound

    for image in {container["ImageID"] for container in engine.api.containers(all=True)}:
        try:
            yield engine.api.inspect_image(image)
        except ImageNotFound:
            continue  # it went with its container since


def _layers(about: dict[str, Any]) -> tuple[str, ...]:
    return tuple(about["RootFS"].get("Layers") or ())
