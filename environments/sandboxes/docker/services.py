"""The servers that a task's tests talk to, inside its container: begun as root, out of reach of the commands' user."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker.container import Container
from environments.sandboxes.docker.engine import engine_errors
from environments.specs.spec import Service

_PATIENCE = 60.0
"""Seconds for one command, or for a service to answer."""
_ANSWERS = "until (: 3<> /dev/tcp/127.0.0.1/%d) 2> /dev/null; do sleep 0.02; done"


def start_services(container: Container, services: Iterable[Service]) -> None:
    """Begin every service in a started container, and wait until its ports answer.

    Raises:
        SandboxError: one does not begin, or does not answer.
    """
    for service in services:
        for line in (*service.start, *(_ANSWERS % port for port in service.ready)):
            code = _run_as_root(container, ["/bin/bash", "-c", line])
            if code != 0:
                said = "takes too long" if code is None else f"fails with exit code {code}"
                raise SandboxError(f"the service {service.name} of a sandbox does not start: {line[:200]!r} {said}")


def _run_as_root(container: Container, words: Sequence[str]) -> int | None:
    """Return the exit code; None where the command has not ended in time."""
    api = container.engine.api
    with engine_errors("start a service"):
        made = api.exec_create(container.id, list(words), user="0:0", workdir="/", stdout=False, stderr=False)
        api.exec_start(made["Id"], detach=True)
        deadline = time.monotonic() + _PATIENCE
        while (state := api.exec_inspect(made["Id"]))["Running"]:
            if time.monotonic() > deadline:
                return None
            time.sleep(0.01)
    return int(state["ExitCode"])
