"""Docker's context: which engine the user's ``docker context use`` chose, as Docker's own client reads it."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Any

from environments.sandboxes.contract import SandboxError

DEFAULT = "default"
"""The context that stands for no choice: Docker's socket."""
_REMEDY = "choose another (`docker context use`), or set DOCKER_HOST"


def context_name() -> str:
    """Return the chosen context's name: ``DOCKER_CONTEXT``, else what ``docker context use`` wrote down.

    Raises:
        SandboxError: Docker's configuration cannot be read.
    """
    chosen = os.environ.get("DOCKER_CONTEXT") or _values(_folder() / "config.json").get("currentContext")
    return str(chosen or DEFAULT)


def context_host() -> str:
    """Return the address of the chosen context's engine, as in ``DOCKER_HOST``; empty for the default context.

    Raises:
        SandboxError: there is no such context, or its engine is reached in a way that sandboxes cannot use.
    """
    name = context_name()
    if name == DEFAULT:
        return ""
    folder = _folder() / "contexts"
    key = sha256(name.encode()).hexdigest()
    meta = folder / "meta" / key / "meta.json"
    endpoints = _values(meta).get("Endpoints")
    docker = endpoints.get("docker") if isinstance(endpoints, dict) else None
    host = docker.get("Host") if isinstance(docker, dict) else None
    if not isinstance(host, str) or not host:
        raise SandboxError(f"Docker's context {name!r} names no engine ({meta}): {_REMEDY}")
    if (folder / "tls" / key / "docker").is_dir():
        raise SandboxError(
            f"Docker's context {name!r} has certificates of its own: set DOCKER_HOST={host}, DOCKER_TLS_VERIFY=1 and "
            f"DOCKER_CERT_PATH={folder / 'tls' / key / 'docker'}"
        )
    if host.split(":", 1)[0] not in ("unix", "tcp", "http", "https"):
        raise SandboxError(f"Docker's context {name!r} is at {host}, which sandboxes cannot use: {_REMEDY}")
    return host


def _folder() -> Path:
    chosen = os.environ.get("DOCKER_CONFIG")
    return Path(chosen) if chosen else Path(os.path.expanduser("~")) / ".docker"  # noqa: PTH111 - never raises


def _values(path: Path) -> dict[str, Any]:
    """Return a JSON object's values; none where there is no such file, as for Docker's own client."""
    try:
        values = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SandboxError(f"Docker's configuration {path} cannot be read ({error}): mend or remove it") from None
    return values if isinstance(values, dict) else {}
