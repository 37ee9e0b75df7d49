"""What ``runoff doctor`` tells of the Docker engine; without one there is still bubblewrap."""

from __future__ import annotations

from environments.docker.engine import connect, engine_errors, is_expected
from environments.sandbox import SandboxError

_USE = "data sets' tasks have images, which need one"


def engine_in_words() -> str:
    """Return one line: which engine answers and how it stores files, or what to do for one."""
    if not is_expected():
        return f"no engine here ({_USE}): install docker.io or podman, or set DOCKER_HOST"
    try:
        engine = connect()
        with engine_errors("tell about itself"):
            about = engine.api.info()
    except SandboxError as error:
        return f"{error} ({_USE})"
    version, driver = about.get("ServerVersion", "?"), about.get("Driver", "?")
    groups = f"control groups v{about['CgroupVersion']}" if about.get("CgroupVersion") else "unknown control groups"
    lacking = [what for what, key in (("memory", "MemoryLimit"), ("processes", "PidsLimit")) if not about.get(key)]
    limits = f"; it cannot limit {' and '.join(lacking)}: sandboxes there are not bounded" if lacking else ""
    return f"{version} at {engine.host}, {driver}, {groups}, {about.get('Images', 0)} images{limits}"
