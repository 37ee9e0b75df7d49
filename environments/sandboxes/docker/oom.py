"""Who was killed for want of memory: of all but a container's process 1, Docker tells it by an event alone.

Podman tells nothing of it; there the kernel's counter is read, where podman runs on this machine.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from environments.sandboxes.docker.labels import MARK

if TYPE_CHECKING:
    from docker import APIClient

logger = logging.getLogger(__name__)


_COUNTERS = ("memory.events", "memory.oom_control")
"""Of control groups of version 2, of version 1; both have a line ``oom_kill`` and a number."""
_GROUPS = Path("/sys/fs/cgroup")


class MemoryKills(Protocol):
    """Memory kills by container. Safe to use from any thread."""

    def kills(self, container: str) -> int:
        """Return how many there were in a container (full id)."""
        ...

    def wait(self, container: str, beyond: int, seconds: float) -> bool:
        """Wait until there were more kills than ``beyond``, for that long at most; tell whether there were."""
        ...


class OutOfMemory:
    """Counts memory kills by container, from its making on. Safe to use from any thread."""

    def __init__(self, api: APIClient) -> None:
        """Subscribe before this returns, so that no kill after it is missed."""
        self._api = api
        self._kills: Counter[str] = Counter()
        self._news = threading.Condition()
        events = self._subscribe()
        threading.Thread(target=self._listen, args=(events,), name="runoff-oom", daemon=True).start()

    def kills(self, container: str) -> int:
        """Return how many there were in a container (full id)."""
        with self._news:
            return self._kills[container]

    def wait(self, container: str, beyond: int, seconds: float) -> bool:
        """Wait until there were more kills than ``beyond``, for that long at most; tell whether there were."""
        with self._news:
            return self._news.wait_for(lambda: self._kills[container] > beyond, seconds)

    def _subscribe(self) -> Iterable[dict[str, Any]]:
        stream: Iterable[dict[str, Any]] = self._api.events(
            decode=True, filters={"type": "container", "event": "oom", "label": MARK}
        )
        return stream

    def _listen(self, events: Iterable[dict[str, Any]]) -> None:
        from docker.errors import DockerException
        from requests.exceptions import RequestException

        while True:
            try:
                for event in events:
                    with self._news:
                        self._kills[event["Actor"]["ID"]] += 1
                        self._news.notify_all()
                events = self._subscribe()  # the engine closed the stream, as it does when it restarts
            except (DockerException, RequestException, OSError) as error:
                logger.warning("memory kills are no longer seen: the Docker engine went away (%s)", error)
                return


class CountedKills:
    """Reads the kernel's counter of a container's control group; nothing is counted where it cannot be seen."""

    def __init__(self, api: APIClient) -> None:
        self._api = api
        self._files: dict[str, Path] = {}

    def kills(self, container: str) -> int:
        """Return how many there were in a container (full id) since it was started."""
        try:
            file = self._files.get(container) or self._found(container)
            text = file.read_text()
        except OSError:
            self._files.pop(container, None)  # it was started again, in another group, or has ended
            return 0
        self._files[container] = file
        return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("oom_kill ")), 0)

    def wait(self, container: str, beyond: int, seconds: float) -> bool:
        """Tell whether there were more kills than ``beyond``: the kernel counts one before it ends the process."""
        return self.kills(container) > beyond

    def _found(self, container: str) -> Path:
        """Return the file with a container's counter. FileNotFoundError where none is to be seen from here."""
        process = int(self._api.inspect_container(container)["State"]["Pid"])
        for line in Path(f"/proc/{process}/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers in ("", "memory"):
                for name in _COUNTERS:
                    if (file := _GROUPS / controllers / path.strip("/") / name).is_file():
                        return file
        raise FileNotFoundError(f"no counter of memory kills of container {container[:12]}")
