"""The base sandbox of a task that has an image: a container of it, or bubblewrap over its files, unpacked once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Literal

from environments.images.task_images import TaskImage
from environments.sandboxes import host
from environments.sandboxes.bubblewrap import BubblewrapSandbox
from environments.sandboxes.contract import Limits, Sandbox, SandboxError
from environments.sandboxes.docker import DockerSandbox, connect
from environments.sandboxes.docker.unpacked import unpacked
from environments.specs.spec import RunSpec, Service

logger = logging.getLogger(__name__)

SandboxKind = Literal["docker", "bubblewrap"]


def forking_kind() -> SandboxKind:
    """Return what forks an image fastest here: bubblewrap over its files, or containers where that does not work."""
    if problems := host.diagnose():
        logger.warning("tests run in containers, whose forks are slower: %s", problems[0])
        return "docker"
    return "bubblewrap"


def open_task_image(
    image: TaskImage, spec: RunSpec, *, kind: SandboxKind, limits: Limits, run_id: str
) -> AbstractContextManager[Sandbox]:
    """Give a new sandbox of a row's image, with what its spec says of variables and services; see ``open_image``."""
    return open_image(
        image.reference,
        kind=kind,
        limits=limits,
        run_id=run_id,
        head=image.head,
        environment=spec.environment,
        services=spec.services,
    )


@contextmanager
def open_image(
    reference: str,
    *,
    kind: SandboxKind,
    limits: Limits,
    run_id: str,
    head: str | None = None,
    environment: Mapping[str, str] | None = None,
    services: Sequence[Service] = (),
) -> Iterator[Sandbox]:
    """Give a new sandbox of a task's image for the block.

    Args:
        reference: an image that the engine has.
        kind: what it lives in. Services need ``docker``.
        limits: ceilings of the sandbox.
        run_id: for the labels of what is made.
        head: the tree's one commit; by default HEAD of the image's repository.
        environment: variables beside the fixed ones and the image's own.
        services: servers that its tests talk to.

    Raises:
        SandboxError: no engine answers or it lacks the image, or the sandbox cannot be made of it.
    """
    chosen = SANDBOXES[kind]
    if services and not chosen.services:
        names = ", ".join(service.name for service in services)
        able = " or ".join(name for name, other in SANDBOXES.items() if other.services)
        raise SandboxError(f"the tests need services ({names}): use --sandbox {able}")
    with chosen.open(reference, limits, run_id, head, environment or {}, services) as sandbox:
        yield sandbox


@contextmanager
def _docker(
    reference: str,
    limits: Limits,
    run_id: str,
    head: str | None,
    environment: Mapping[str, str],
    services: Sequence[Service],
) -> Iterator[Sandbox]:
    with DockerSandbox.create(
        reference, environment=environment, limits=limits, run_id=run_id, head=head, services=services
    ) as container:
        yield container


@contextmanager
def _bubblewrap(
    reference: str,
    limits: Limits,
    run_id: str,
    head: str | None,
    environment: Mapping[str, str],
    services: Sequence[Service],
) -> Iterator[Sandbox]:
    with (
        unpacked(connect(), reference) as root,
        BubblewrapSandbox.create(
            [root.path], environment={**root.environment, **environment}, limits=limits, run_id=run_id
        ) as sandbox,
    ):
        yield sandbox


@dataclass(frozen=True)
class SandboxOfImages:
    """A kind of sandbox that can be made of a task's image."""

    open: Callable[
        [str, Limits, str, str | None, Mapping[str, str], Sequence[Service]], AbstractContextManager[Sandbox]
    ]
    """From reference, limits, run id, head, variables and services; see ``open_image``."""
    services: bool
    """It can run servers that the tests talk to."""


SANDBOXES: dict[SandboxKind, SandboxOfImages] = {
    "docker": SandboxOfImages(_docker, services=True),
    "bubblewrap": SandboxOfImages(_bubblewrap, services=False),
}
"""Every kind by the name that ``--sandbox`` uses."""
