"""The Docker sandbox: a container per sandbox, on any engine that speaks Docker's API (podman's socket too)."""

from __future__ import annotations

from environments.sandboxes.docker.docker_sandbox import DockerSandbox
from environments.sandboxes.docker.engine import Engine, connect

__all__ = ["DockerSandbox", "Engine", "connect"]
