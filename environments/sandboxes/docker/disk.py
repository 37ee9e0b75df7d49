"""How much of a disk a container's own layer takes."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from environments.sandboxes.docker.container import Container
from environments.sandboxes.docker.engine import engine_errors
from environments.sandboxes.looks.disk import deleted_use, disk_use, disk_use_at_rest, written_by
from environments.sandboxes.looks.host import assert_room
from environments.sandboxes.looks.pace import Pace
from environments.sandboxes.looks.processes import stopped

_ENTRY = 1024
"""Bytes that every file and folder counts beside its content."""

logger = logging.getLogger(__name__)


class Disk:
    """Counts the layer's folder where this process may read it, and asks the engine elsewhere.

    An engine answers slowly and counts no empty files, so that it is asked more rarely, and for the number of changed
    paths only when nothing runs.
    """

    def __init__(self, container: Container) -> None:
        """Look where the layer lies."""
        self._container = container
        self._upper = _upper_folder(container)

    def pace(self, most: int) -> Pace:
        """Return when to ask for ``use`` beside a command, where ``most`` bytes may lie there."""
        return Pace(self._upper, most, 0.05 if self._upper else 2.0)

    def written(self) -> int:
        """Return the bytes that the container's processes have written so far; 0 where they cannot be seen."""
        return written_by(self._container.process_one) if self._upper else 0

    def at_a_stand(self) -> AbstractContextManager[None]:
        """Have what runs in the container stand still for the block, where it can be reached from here."""
        return stopped(self._container.process_one) if self._upper else nullcontext()

    def use(self, most: int) -> int:
        """Return the bytes that it takes, beside a running command; deleted files too where they can be seen.

        Beyond ``most`` it may count no further.
        """
        if self._upper is None:
            return self._asked()
        return disk_use(self._upper, most) + deleted_use(self._container.process_one, self._upper)

    def use_at_rest(self) -> int:
        """Return the bytes that it takes when nothing runs; what was closed is counted too."""
        if self._upper:
            return disk_use_at_rest(self._upper)
        with engine_errors("list the changes of a container"):
            changes = self._container.engine.api.diff(self._container.id) or []
        return self._asked() + _ENTRY * len(changes)

    def assert_room(self) -> None:
        """Raise MachineShort where the engine's disk, as far as it can be seen from here, is nearly used up."""
        if self._upper:
            assert_room(self._upper)

    def _asked(self) -> int:
        with engine_errors("measure a container"):
            found = self._container.engine.api.containers(all=True, size=True, filters={"id": self._container.id})
        return int(found[0].get("SizeRw") or 0) if found else 0


def _upper_folder(container: Container) -> Path | None:
    with engine_errors("look at a container"):
        driver = container.engine.api.inspect_container(container.id).get("GraphDriver") or {}
    named = (driver.get("Data") or {}).get("UpperDir")
    try:
        if named and container.engine.host.startswith("unix://") and any(True for _ in Path(named).parent.iterdir()):
            return Path(named)
    except OSError:
        pass
    logger.debug("the layer of container %s cannot be read from here: the engine is asked for its size", container.id)
    return None
