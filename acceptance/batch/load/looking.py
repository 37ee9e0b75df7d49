"""A look that is taken over and over while a block runs."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import ClassVar, Self


class Looking:
    """Looks in a thread of its own until the block ends; who looks says at what (``look``) and how often."""

    PAUSE: ClassVar[float]
    """Seconds between two looks."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def look(self) -> None:
        """Look once."""
        raise NotImplementedError

    def _look_on(self) -> None:
        while not self._over.wait(self.PAUSE):
            self.look()
