"""The CPU lease: on a machine whose cores serve both the local model and the tests, they take turns."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Literal, Protocol

Group = Literal["tests", "model"]


class Lease(Protocol):
    """Permission to keep the cores busy. Not reentrant: a holder must not ask again in the same thread."""

    def tests(self) -> AbstractContextManager[None]:
        """Hold the cores for running tests."""
        ...

    def model(self) -> AbstractContextManager[None]:
        """Hold the cores for the local model."""
        ...


class NoLease:
    """The lease where the model runs elsewhere: everybody may go on."""

    def tests(self) -> AbstractContextManager[None]:
        """Hold nothing."""
        return nullcontext()

    def model(self) -> AbstractContextManager[None]:
        """Hold nothing."""
        return nullcontext()


@dataclass(eq=False)
class _Batch:
    group: Group
    members: int = 0


class CpuLease:
    """Two groups exclude one another; several holders of one group hold it at once.

    Fair by batches in order of arrival: a newcomer joins the group at work only while nobody of the other group
    waits, else it queues behind them with its own kind, so that neither group starves.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._active: _Batch | None = None
        self._waiting: deque[_Batch] = deque()

    def tests(self) -> AbstractContextManager[None]:
        """Hold the cores for running tests."""
        return self._hold("tests")

    def model(self) -> AbstractContextManager[None]:
        """Hold the cores for the local model."""
        return self._hold("model")

    @contextmanager
    def _hold(self, group: Group) -> Iterator[None]:
        with self._changed:
            batch = self._join(group)
        try:
            with self._changed:
                self._changed.wait_for(lambda: self._active is batch)
            yield
        finally:
            with self._changed:
                self._leave(batch)

    def _join(self, group: Group) -> _Batch:
        if self._active is None:
            self._active = batch = _Batch(group)
        elif not self._waiting and self._active.group == group:
            batch = self._active
        elif self._waiting and self._waiting[-1].group == group:
            batch = self._waiting[-1]
        else:
            batch = _Batch(group)
            self._waiting.append(batch)
        batch.members += 1
        return batch

    def _leave(self, batch: _Batch) -> None:
        batch.members -= 1
        if batch.members:
            return
        if batch is self._active:
            self._active = self._waiting.popleft() if self._waiting else None
        else:
            self._waiting.remove(batch)
        self._changed.notify_all()
