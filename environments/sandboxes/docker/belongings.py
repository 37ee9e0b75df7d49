"""What a sandbox has on the engine: given back when it is closed, at the latest when Runoff ends."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import ClassVar

from environments.sandboxes.contract import SandboxError

logger = logging.getLogger(__name__)


class Belongings:
    """Things to give back, the last one first. Nothing depends on the garbage collector."""

    _kept: ClassVar[set[Belongings]] = set()
    _guard: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self) -> None:
        """Nothing is in it yet."""
        self._stack = ExitStack()
        self._process = os.getpid()
        with self._guard:
            self._kept.add(self)

    def add(self, give_back: Callable[[], object]) -> None:
        """Remember how to give one thing back."""
        self._stack.callback(give_back)

    def close(self) -> None:
        """Give everything back; one that fails keeps no other. Idempotent."""
        with self._guard:
            self._kept.discard(self)
        self._stack.close()

    @classmethod
    def close_all(cls) -> None:
        """Give back what was not: for the end of the process."""
        for belongings in list(cls._kept):
            if belongings._process != os.getpid():
                continue  # a child of a fork does not own what its parent had
            try:
                belongings.close()
            except SandboxError as error:
                logger.warning("a sandbox is left for `runoff clean`: %s", error)


atexit.register(Belongings.close_all)
