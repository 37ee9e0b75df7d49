"""Whether an engine holds the limits that it is given: one that takes them and does not is refused.

Docker says of itself what it can limit. Podman says what the kernel could: without root, and where control groups are
of version 1 or not delegated, it takes a limit and ignores it. So a container of its own is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker.engine import engine_errors

if TYPE_CHECKING:
    from environments.sandboxes.docker.container import Container

_FILES = {
    "memory": ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"),
    "processes": ("/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max"),
}
"""Where a container sees its own limits: by control groups of version 2, of version 1."""
_UNLIMITED = ("max", "none")
_SHOW = 'for file in %s; do [ -r "$file" ] && read -r most < "$file" && { echo "$most"; exit; }; done; echo none'


def cannot_limit(about: Mapping[str, Any]) -> list[str]:
    """Return what an engine says of itself, or of where it runs, that it cannot limit. ``about``: its ``/info``."""
    if about.get("Rootless") and str(about.get("CgroupVersion", "")).removeprefix("v") == "1":
        return list(_FILES)
    return [what for what, key in (("memory", "MemoryLimit"), ("processes", "PidsLimit")) if about.get(key) is False]


def assert_bounded(container: Container) -> None:
    """Ask the first container of an engine, which must have been started, whether its limits hold; later ones nothing.

    Raises SandboxError, in one line that says what to do, where they do not.
    """
    engine = container.engine
    with engine.bounds_lock:
        if engine.bounded is None:
            with engine_errors("tell about itself"):
                lacking = cannot_limit(engine.api.info())
            engine.bounded = tuple(lacking or (_not_held(container) if engine.is_podman else ()))
    if engine.bounded:
        raise SandboxError(
            f"the engine at {engine.host} holds no limit of {' and '.join(engine.bounded)}, so that a sandbox there "
            "would not be bounded: use -c sandbox=bubblewrap, or an engine with control groups of version 2 "
            "(rootless: with memory and pids delegated to it)"
        )


def _not_held(container: Container) -> list[str]:
    limits = container.settings.limits
    most = {"memory": limits.memory, "processes": container.processes}
    return [what for what, files in _FILES.items() if not _at_most(_read(container, files), most[what])]


def _at_most(shown: str, most: int) -> bool:
    return shown.isdecimal() and int(shown) <= most


def _read(container: Container, files: tuple[str, ...]) -> str:
    api = container.engine.api
    with engine_errors("look at a container's limits"):
        made = api.exec_create(container.id, ["/bin/bash", "-c", _SHOW % " ".join(files)], workdir="/")
        shown = bytes(api.exec_start(made["Id"])).decode(errors="replace").strip()
    if not shown.isdecimal() and shown not in _UNLIMITED:
        said = " ".join(shown.split())[:300]
        raise SandboxError(f"the engine at {container.engine.host} does not let a container tell its limits: {said}")
    return shown
