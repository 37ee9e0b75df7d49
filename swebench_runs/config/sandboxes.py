"""The key ``sandbox``: what tasks run in, and how much one sandbox may take; a word alone says the kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from environments.sandboxes.contract import Limits
from swebench_runs.config.key_kinds import Frozen

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) *([KMGT]?)(i?)B?", re.IGNORECASE)
_LEAST_MEMORY, _LEAST_DISK, _LEAST_PROCESSES = 64 << 20, 16 << 20, 16
"""Below these neither Python nor pytest starts, or a test has no room for what it writes."""
_MOST = 1 << 50


def bytes_of(text: str) -> int:
    """Return the bytes that a size means: 20GB, 500 MB, 1.5TiB, or a plain number. ValueError for anything else."""
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no size: write one such as 20GB")
    power = "KMGT".find(found[2].upper()) + 1 if found[2] else 0
    unit: int = (1024 if found[3] else 1000) ** power
    return round(float(found[1]) * unit)


def _size(least: int) -> BeforeValidator:
    def read(value: object) -> object:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float | str):
            size = bytes_of(f"{value:.0f}" if isinstance(value, float) else str(value))
            if not least <= size <= _MOST:
                raise ValueError(f"{value} is too {'little' if size < least else 'much'}: at least {least >> 20}MiB")
            return size
        return value

    return BeforeValidator(read)


class SandboxSettings(Frozen):
    """What a task runs in; a limit that is None is the sandbox's own."""

    kind: Literal["auto", "docker", "bubblewrap"] = "auto"
    """``auto``: containers for hidden tests of tasks that have an image, and forks of it, unpacked, for all others."""
    memory: Annotated[int | None, _size(_LEAST_MEMORY)] = None
    """Of all processes of a sandbox together, e.g. ``2GB``."""
    disk: Annotated[int | None, _size(_LEAST_DISK)] = None
    """Written to a sandbox over its life, e.g. ``500MB``."""
    processes: Annotated[int | None, Field(ge=_LEAST_PROCESSES)] = None
    """At a time, threads among them."""
    cpu_seconds: Annotated[int | None, Field(ge=1)] = None
    """CPU time of one process of one command."""

    def limits(self, usual: Limits | None = None) -> Limits:
        """Return a sandbox's ceilings: ``usual`` ones but where another is set; a file may be as large as the disk."""
        named = ("memory", "disk", "processes", "cpu_seconds")
        given = {name: value for name in named if (value := getattr(self, name)) is not None}
        return (usual or Limits()).model_copy(update=given | ({"file_size": self.disk} if self.disk else {}))


def sandbox_section(value: Any) -> Any:
    """Return the key's value as a section; a word alone is its ``kind``."""
    return value if value is None or isinstance(value, Mapping | SandboxSettings) else {"kind": value}


SandboxKey = Annotated[SandboxSettings, BeforeValidator(sandbox_section)]
