"""Lets go of images while a run works through its tasks: those used longest ago, once all take more than a budget."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from environments.images.images_on_disk import evict
from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker import Engine

logger = logging.getLogger(__name__)


class ImageBudget:
    """What all of Runoff's images may take on an engine. Safe under many threads."""

    def __init__(self, engine: Engine, folder: Path, budget: int | None) -> None:
        """``budget``: in bytes; None: no limit. ``folder``: where uses are recorded, see ``places``."""
        self._engine, self._folder, self._budget = engine, folder, budget
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def holding(self, reference: str) -> Iterator[None]:
        """Keep an image for the block, in which it is worked with; images that are held by nobody may go."""
        with self._lock:
            self._held[reference] += 1
            self._let_go()
        try:
            yield
        finally:
            with self._lock:
                self._held[reference] -= 1
                self._let_go()

    def _let_go(self) -> None:
        if self._budget is None:
            return
        try:
            gone = evict(self._engine, self._folder, self._budget, keep=[*+self._held])
        except SandboxError as error:  # the engine's trouble with an image that nobody needs is no task's
            logger.warning("no image could be let go of: %s", error)
            return
        for one in gone:
            logger.warning("let go of the image %s for the disk's sake (%d MB)", one.reference, one.own_bytes >> 20)
