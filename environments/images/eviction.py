"""Lets go of images while a run works through its tasks: those used longest ago, once all take more than a budget."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from environments.images.building import find_built
from environments.images.images_on_disk import evict
from environments.images.task_images import TaskImage
from environments.sandboxes.contract import SandboxError
from environments.sandboxes.docker import Engine

logger = logging.getLogger(__name__)


class ImageBudget:
    """What all of Runoff's images may take on an engine. Safe under many threads."""

    def __init__(self, engine: Engine, folder: Path, budget: int | None) -> None:
        """``budget``: in bytes; None: no limit. ``folder``: where uses are recorded, see ``places``."""
        self._engine, self._folder, self._budget = engine, folder, budget
        self._held: Counter[str] = Counter()
        self._making = 0
        self._lock = threading.Lock()

    @contextmanager
    def holding(self, make: Callable[[], TaskImage]) -> Iterator[TaskImage]:
        """Give an image that ``make`` finds or builds, and keep it for the block, in which it is worked with.

        What is held by nobody may go, in other threads and processes too: an image that went between being found and
        being held is made again, now held.
        """
        image = self._made(make)
        with self._lock:
            self._held[image.reference] += 1
            self._let_go()
        try:
            if find_built(self._engine, image.reference) is None:
                image = self._made(make)
            yield image
        finally:
            with self._lock:
                self._held[image.reference] -= 1
                self._let_go()

    def _made(self, make: Callable[[], TaskImage]) -> TaskImage:
        """Make an image; the environments, on one of which it is about to stand, all stay meanwhile."""
        with self._lock:
            self._making += 1
        try:
            return make()
        finally:
            with self._lock:
                self._making -= 1

    def _let_go(self) -> None:
        if self._budget is None:
            return
        layers = ("environment",) if self._making else ()
        try:
            gone = evict(self._engine, self._folder, self._budget, keep=[*+self._held], keep_layers=layers)
        except SandboxError as error:  # the engine's trouble with an image that nobody needs is no task's
            logger.warning("no image could be let go of: %s", error)
            return
        for one in gone:
            logger.warning("let go of the image %s for the disk's sake (%d MB)", one.reference, one.own_bytes >> 20)
