"""What ``runoff doctor`` tells of the Docker engine; without one there is still bubblewrap."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker.bounds import cannot_limit
from environments.sandboxes.docker.engine import Engine, connect, engine_errors, is_expected
from environments.sandboxes.docker.labels import labels

_USE = "data sets' tasks have images, which need one"
_ROOM = 10 << 30
"""Free bytes below which the images of a few tasks fill the engine's disk."""
_NOTHING = "FROM scratch\nLABEL dev.runoff.doctor=1\n"


def engine_in_words() -> str:
    """Return one line: which engine answers and how it stores files, or what to do for one."""
    try:
        if not is_expected():
            return f"no engine here ({_USE}): install docker.io or podman, or set DOCKER_HOST"
        engine = connect()
        with engine_errors("tell about itself"):
            about = engine.api.info()
    except SandboxError as error:
        return f"{error} ({_USE})"
    version, driver = about.get("ServerVersion", "?"), about.get("Driver", "?")
    groups = f"control groups v{about['CgroupVersion']}" if about.get("CgroupVersion") else "unknown control groups"
    kind = ("podman " if engine.is_podman else "") + version + (" without root" if about.get("Rootless") else "")
    lacking = cannot_limit(about)
    limits = f"; it cannot limit {' and '.join(lacking)}: no sandbox is made there (bubblewrap)" if lacking else ""
    open_calls = "" if engine.filters_calls else "; it takes no filter of system calls: its containers have its own"
    return f"{kind} at {engine.host}, {driver}, {groups}, {about.get('Images', 0)} images{limits}{open_calls}"


def report() -> list[str]:
    """Return a line about building and one about the disk, each with what to do; none where no engine answers."""
    try:
        if not is_expected():
            return []
        engine = connect()
        with engine_errors("tell about itself"):
            root = str(engine.api.info().get("DockerRootDir") or "")
    except SandboxError:
        return []  # that it does not answer is `engine_in_words`' to say
    return [f"Docker builds: {_can_build(engine)}", f"Docker's disk: {_room(engine, root)}"]


def _can_build(engine: Engine) -> str:
    """Build an image of nothing with the builder that Runoff uses, and remove it."""
    name = f"runoff/doctor:{os.getpid()}"
    file = io.BytesIO(_NOTHING.encode())
    try:
        with engine_errors("build an image"):
            said = list(
                engine.api.build(fileobj=file, tag=name, labels=labels("doctor"), rm=True, forcerm=True, decode=True)
            )
            wrong = next((str(line["error"]) for line in said if "error" in line), None)
            if wrong is None:
                engine.api.remove_image(name, force=True)
    except SandboxError as error:
        wrong = str(error)
    return f"no ({wrong}): pull images from a registry, or use another engine" if wrong else "yes"


def _room(engine: Engine, root: str) -> str:
    if not engine.host.startswith("unix://") or not root or not Path(root).is_dir():
        return "not visible from here"
    free = shutil.disk_usage(root).free
    remedy = "" if free > _ROOM else ": a few tasks' images fill it; `docker system df` says what takes it"
    return f"{free / (1 << 30):.0f} GiB free at {root}{remedy}"
