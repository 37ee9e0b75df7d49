"""Who was killed for want of memory: of all but a container's process 1, an engine tells it by an event alone."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from environments.sandboxes.docker.labels import MARK

if TYPE_CHECKING:
    from docker import APIClient

logger = logging.getLogger(__name__)


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
