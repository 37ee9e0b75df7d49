"""The base sandbox of somebody's checkout: its tree over packages on this host, or in an image of its own.

Without a Dockerfile and without ``--sandbox docker`` no engine is needed. With either there is an image; ``auto`` then
unpacks it and lets bubblewrap fork its files where this host can, since containers' forks are slower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from environments.images.checkout_image import checkout_image
from environments.images.engine_build import ImageBuildError
from environments.images.places import image_folder
from environments.sandboxes.contract import WORKTREE, Sandbox
from environments.sandboxes.docker import connect
from environments.task import EnvironmentSpec, Task
from swebench_runs.config import RunConfig
from swebench_runs.errors import RunoffError
from swebench_runs.one_task.ground.base_sandbox import OpenBase, open_base, prepare_engine, prepare_host
from swebench_runs.one_task.ground.image_base import forking_kind, open_image
from swebench_runs.run_folder.store import Run


def prepare(config: RunConfig) -> None:
    """Check that this host has the sandbox that is asked for, and remove what killed runs left. EnvironmentMissing."""
    if needs_image(config):
        prepare_engine()
    if config.sandbox.kind == "bubblewrap" or not needs_image(config):
        prepare_host()


def open_checkout(run: Run, layer: Path) -> OpenBase:
    """Return what opens the base sandbox of a run's one task, and puts on record of what image it was made.

    ``layer``: holds the task's tree. What is returned raises as ``checkout_sandbox``.
    """

    @contextmanager
    def opened(task: Task, run_id: str) -> Iterator[Sandbox]:
        def tell(made: Mapping[str, str]) -> None:
            run.task(task.instance_id).event("sandbox", **made)

        with checkout_sandbox(run.config, task.environment, layer, run_id=run_id, tell=tell) as base:
            yield base

    return opened


@contextmanager
def checkout_sandbox(
    config: RunConfig,
    environment: EnvironmentSpec,
    layer: Path,
    *,
    run_id: str,
    tell: Callable[[Mapping[str, str]], None] = lambda made: None,
) -> Iterator[Sandbox]:
    """Give a sandbox of a checkout's tree for the block; ``tell`` hears of what image it is made, if it is of one.

    ``layer``: holds the tree, and stays as it is. Raises RunoffError, EnvironmentMissing and SandboxError, each in one
    line.
    """
    if not needs_image(config):
        with open_base(environment, layer, run_id=run_id, limits=config.ceilings()) as base:
            yield base
        return
    tree = layer / WORKTREE.strip("/")
    try:
        image = checkout_image(connect(), tree, environment, image_folder(), base_image=config.base_image or None)
    except ImageBuildError as error:
        raise RunoffError(str(error)) from error
    kind = forking_kind() if config.sandbox.kind == "auto" else config.sandbox.kind
    tell({"sandbox": kind, "image": image.reference, "stands_on": image.stands_on, "head": image.head})
    with open_image(image.reference, kind=kind, limits=config.ceilings(), run_id=run_id, head=image.head) as base:
        yield base


def needs_image(config: RunConfig) -> bool:
    """Tell whether an image holds the checkout's environment."""
    return bool(config.dockerfile) or config.sandbox.kind == "docker"
