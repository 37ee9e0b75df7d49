"""The base sandbox of a task that has an image: a container of it, or bubblewrap over its files, unpacked once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from environments.bubblewrap import BubblewrapSandbox
from environments.docker import DockerSandbox, connect
from environments.docker.unpacked import unpacked
from environments.sandbox import Limits, Sandbox, SandboxError
from environments.specs import ImageSpec

Kind = Literal["docker", "bubblewrap"]


@contextmanager
def open_image(
    reference: str, spec: ImageSpec, *, kind: Kind, limits: Limits, run_id: str, head: str | None = None
) -> Iterator[Sandbox]:
    """Give a new sandbox of a task's image, with the variables and services of its spec, for the block.

    Args:
        reference: an image that the engine has.
        spec: of the task's version.
        kind: what it lives in. A spec with services needs ``docker``.
        limits: ceilings of the sandbox.
        run_id: for the labels of what is made.
        head: the tree's one commit; by default HEAD of the image's repository.

    Raises:
        SandboxError: no engine answers or it lacks the image, or the sandbox cannot be made of it.
    """
    if kind == "docker":
        with DockerSandbox.create(
            reference,
            environment=spec.environment,
            limits=limits,
            run_id=run_id,
            head=head,
            services=spec.services,
        ) as container:
            yield container
        return
    if spec.services:
        names = ", ".join(service.name for service in spec.services)
        raise SandboxError(f"the tests of {spec.repo} need services ({names}): use --sandbox docker")
    with (
        unpacked(connect(), reference) as root,
        BubblewrapSandbox.create(
            [root.path], environment={**root.environment, **spec.environment}, limits=limits, run_id=run_id
        ) as sandbox,
    ):
        yield sandbox
