"""Removes containers, images and volumes of Runoff's whose Runoff is gone, and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker.engine import Engine, connect, engine_errors, explanation, is_expected
from environments.sandboxes.docker.labels import MARK, RUN, has_owner

logger = logging.getLogger(__name__)
_TAKEN = "unrecognized image ID"  # of an image that another clean removed meanwhile, in an engine's own fault
_ANOTHER_CLEAN = 30  # seconds that a container may take to go


def clean_expected() -> list[str]:
    """Clean the engine that should be here, if there is one; one that does not answer is told in the log."""
    if not is_expected():
        return []
    try:
        return clean(connect())
    except SandboxError as error:
        logger.warning("what killed runs left on a Docker engine was not looked for: %s", error)
        return []


def clean(engine: Engine) -> list[str]:
    """Remove what has no living owner; returns a line for each. May run beside another ``clean``.

    Raises:
        SandboxError: the engine failed.
    """
    from docker.errors import APIError, NotFound

    api, mark = engine.api, {"label": MARK}
    removed: list[str] = []

    def remove(kind: str, found: dict[str, Any], name: str, by: Callable[[str], Any]) -> None:
        labels = found.get("Labels") or {}
        if has_owner(labels):
            return
        try:
            by(found[name])
        except NotFound:
            return
        except APIError as error:
            if error.response.status_code != 409 and _TAKEN not in explanation(error):
                raise
            if kind == "container":
                _await_removal(engine, found[name])
            return  # taken by another clean, or still in use by what another owner has
        removed.append(f"{kind} {str(found[name]).removeprefix('sha256:')[:19]} of run {labels.get(RUN)}")

    with engine_errors("clean up"):
        for container in api.containers(all=True, filters=mark):
            remove("container", container, "Id", lambda found: api.remove_container(found, force=True, v=True))
        for image in api.images(all=True, filters=mark):
            remove("image", image, "Id", lambda found: api.remove_image(found, force=True))
        for volume in (api.volumes(filters=mark) or {}).get("Volumes") or []:
            remove("volume", volume, "Name", lambda found: api.remove_volume(found, force=True))
    return removed


def _await_removal(engine: Engine, container: str) -> None:
    """Wait for a container that another ``clean`` is removing, so that whoever cleaned finds it gone."""
    from docker.errors import NotFound
    from requests.exceptions import ReadTimeout

    try:
        engine.api.wait(container, timeout=_ANOTHER_CLEAN, condition="removed")
    except NotFound:
        return
    except ReadTimeout:
        logger.warning(
            "container %s is being removed by another clean and is not gone after %d s", container[:12], _ANOTHER_CLEAN
        )
