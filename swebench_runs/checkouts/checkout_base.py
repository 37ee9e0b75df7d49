"""The base sandbox of somebody's checkout: its tree over packages on this host, or in an image of its own.

Without a Dockerfile and without ``--sandbox docker`` no engine is needed. With either there is an image; ``auto`` then
unpacks it and lets bubblewrap fork its files where this host can, since containers' forks are slower.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from environments.images.checkout_image import checkout_image
from environments.images.engine_build import ImageBuildError
from environments.images.places import image_folder
from environments.sandboxes.contract import WORKTREE, Limits, Sandbox
from environments.sandboxes.docker import connect
from environments.task import Task
from swebench_runs.config import RunConfig
from swebench_runs.errors import RunoffError
from swebench_runs.one_task.base_sandbox import OpenBase, laid, prepare_engine, prepare_host
from swebench_runs.one_task.image_base import forking_kind, open_image
from swebench_runs.run_folder.store import Run


def prepare(config: RunConfig) -> None:
    """Check that this host has the sandbox that is asked for, and remove what killed runs left. EnvironmentMissing."""
    if needs_image(config):
        prepare_engine()
    if config.sandbox == "bubblewrap" or not needs_image(config):
        prepare_host()


def open_checkout(run: Run, layer: Path) -> OpenBase:
    """Return what opens the base sandbox of a run's one task, and puts on record of what image it was made.

    ``layer``: holds the task's tree, and may be moved away. What is returned raises RunoffError, EnvironmentMissing and
    SandboxError, each in one line.
    """
    config = run.config
    if not needs_image(config):

        def lay_tree(_: Task, destination: Path) -> None:
            layer.rename(destination)

        return laid(lay_tree)

    @contextmanager
    def opened(task: Task, run_id: str) -> Iterator[Sandbox]:
        tree = layer / WORKTREE.strip("/")
        try:
            image = checkout_image(
                connect(), tree, task.environment, image_folder(), base_image=config.base_image or None
            )
        except ImageBuildError as error:
            raise RunoffError(str(error)) from error
        kind = forking_kind() if config.sandbox == "auto" else config.sandbox
        made = {"sandbox": kind, "image": image.reference, "stands_on": image.stands_on, "head": image.head}
        with open_image(image.reference, kind=kind, limits=Limits(), run_id=run_id, head=image.head) as base:
            run.task(task.instance_id).event("sandbox", **made)
            yield base

    return opened


def needs_image(config: RunConfig) -> bool:
    """Tell whether an image holds the checkout's environment."""
    return bool(config.dockerfile) or config.sandbox == "docker"
