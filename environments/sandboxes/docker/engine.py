"""The engine that a Docker sandbox lives on: found once, in the way users know, and shared by all threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker.context import DEFAULT, context_host, context_name
from environments.sandboxes.docker.filter import MACHINES
from environments.sandboxes.docker.oom import CountedKills, MemoryKills, OutOfMemory

if TYPE_CHECKING:
    from docker import APIClient

_SECONDS = 300.0
"""For one answer of the engine; a command's output does not come through these."""
_FIRST_SECONDS = 15.0
"""For its first: an address at which something listens and says nothing is no engine."""
_CONNECTIONS = 64
_SOCKET = Path("/var/run/docker.sock")


class EngineError(SandboxError):
    """The engine failed, or the way to it."""

    fault = "engine"


class Engine:
    """A reachable engine."""

    def __init__(self, api: APIClient, host: str) -> None:
        """Use ``connect``."""
        self.api = api
        self.host = host
        """Its address, as in ``DOCKER_HOST``."""
        self.tls = host.startswith("https:") or (bool(os.environ.get("DOCKER_TLS_VERIFY")) and "unix" not in host)
        """Whether the way to it is encrypted; then the end of one side cannot be said while the other goes on."""
        self.is_podman = any(part.get("Name") == "Podman Engine" for part in api.version().get("Components") or ())
        self.bounds_lock = threading.Lock()
        self.bounded: tuple[str, ...] | None = None
        """What it does not limit though it was told to; None: not looked at yet. See ``bounds``."""
        self._lock = threading.Lock()
        self._out_of_memory: MemoryKills | None = None

    @cached_property
    def cores(self) -> int:
        """How many the engine's machine has."""
        return int(self._about["NCPU"])

    @cached_property
    def filters_calls(self) -> bool:
        """Whether it takes a filter of system calls of ours for its containers: podman does from this machine alone."""
        kinds = [str(option) for option in self._about.get("SecurityOptions") or ()]
        able = any("seccomp" in kind for kind in kinds) and self._about.get("Architecture") in MACHINES
        return able and (not self.is_podman or self.host.startswith("unix://"))

    @cached_property
    def _about(self) -> dict[str, Any]:
        return dict(self.api.info())

    @property
    def out_of_memory(self) -> MemoryKills:
        """The memory kills of this engine's containers, from the first use on."""
        with self._lock:
            if self._out_of_memory is None:
                self._out_of_memory = CountedKills(self.api) if self.is_podman else OutOfMemory(self.api)
            return self._out_of_memory


def connect() -> Engine:
    """Return the engine that ``DOCKER_HOST`` names, else Docker's context, else Docker's socket, else podman's.

    Raises:
        SandboxError: none answers, or the context is none that can be used; the line says what to do.
    """
    return _connected(os.environ.get("DOCKER_HOST") or context_host())


@cache
def _connected(host: str) -> Engine:
    from docker.errors import DockerException, TLSParameterError
    from docker.utils import kwargs_from_env

    from docker import APIClient

    tried = host or _default_host()
    try:
        settings = kwargs_from_env(environment={**os.environ, "DOCKER_HOST": tried})
        api = APIClient(version="auto", timeout=_FIRST_SECONDS, num_pools=_CONNECTIONS, **settings)
        api.timeout = _SECONDS
    except (DockerException, TLSParameterError, OSError) as error:
        raise EngineError(f"no Docker engine answers at {tried}: start one, or set DOCKER_HOST ({error})") from error
    return Engine(api, tried)


def is_expected() -> bool:
    """Say whether there should be an engine: one is named, or a socket is where one has it. Nothing is asked of it."""
    named = os.environ.get("DOCKER_HOST") or context_name() != DEFAULT
    return bool(named) or any(path.exists() for path in _sockets())


def _default_host() -> str:
    return f"unix://{next((path for path in _sockets() if path.exists()), _SOCKET)}"


def _sockets() -> tuple[Path, ...]:
    runtime = os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")
    return _SOCKET, Path(runtime) / "podman/podman.sock", Path("/run/podman/podman.sock")


@contextmanager
def engine_errors(what: str) -> Iterator[None]:
    """Turn what the engine or the way to it answers into a SandboxError of one line."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        yield
    except (DockerException, RequestException) as error:
        raise EngineError(f"the Docker engine could not {what}: {explanation(error)}") from error


def explanation(error: Any) -> str:
    """Return an engine's answer in one line."""
    return " ".join(str(getattr(error, "explanation", None) or error).split())[:500]
