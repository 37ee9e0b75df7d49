"""The Docker sandbox: a container per sandbox, on any engine that speaks Docker's API (podman's socket too)."""

from __future__ import annotations

from environments.docker.engine import Engine, connect
from environments.docker.sandbox import DockerSandbox

__all__ = ["DockerSandbox", "Engine", "connect"]
