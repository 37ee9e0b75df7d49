"""Forks for script runs that are to come, each made and set up while the runs before it are under way."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from environments.sandboxes.contract import Sandbox, SandboxError
from environments.task import EnvironmentSpec
from environments.workbench.forks.patched_trees import PatchedTrees
from environments.workbench.scripts.script_runner import prepare_script
from environments.workbench.tests_at_once import TURNS

_READY = threading.BoundedSemaphore(2 * TURNS.count)
"""Forks that stand ready, or are in use since, over the whole process: each holds processes that wait."""

_Ready = tuple[Sandbox, ExitStack]
"""A fork, and what closes it."""


class StandBy:
    """Gives the forks of patched trees in which scripts run. Safe to use from any thread.

    Making a sandbox takes about as long as a short test; a core that waits for a test can do it meanwhile, and where
    none waits, the same work is done in another order.
    """

    def __init__(self, trees: PatchedTrees, spec: EnvironmentSpec, count: int) -> None:
        """``count``: forks that stand ready at most."""
        self._trees, self._spec, self._count = trees, spec, count
        self._expected: deque[str | None] = deque()
        self._ready: deque[tuple[str | None, Future[_Ready]]] = deque()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="standby")
        self._closed = False

    def expect(self, patch: str | None) -> None:
        """Count on one call of ``fork`` with this patch, after those counted on before."""
        with self._lock:
            self._expected.append(patch)

    @contextmanager
    def fork(self, patch: str | None) -> Iterator[Sandbox]:
        """Yield a fork of the patched tree, closed on exit; ``expect`` must have announced it. Raises DoesNotApply."""
        ready = self._take(patch)
        self._go_on()
        if ready is None:
            with self._trees.fork(patch) as fork:
                yield fork
        else:
            fork, held = ready.result()
            with held:
                yield fork

    def close(self) -> None:
        """Close the forks that stand ready, and make no more."""
        with self._lock:
            self._closed = True
            ready = list(self._ready)
            self._ready.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for _, future in ready:
            if future.cancelled():
                _READY.release()
            elif future.exception() is None:
                future.result()[1].close()

    def _take(self, patch: str | None) -> Future[_Ready] | None:
        with self._lock:
            if self._closed:
                raise SandboxError("The workbench is closed.")
            for entry in self._ready:
                if entry[0] == patch:
                    self._ready.remove(entry)
                    return entry[1]
            self._expected.remove(patch)
            return None

    def _go_on(self) -> None:
        with self._lock:
            while self._expected and len(self._ready) < self._count and not self._closed:
                if not _READY.acquire(blocking=False):
                    return
                patch = self._expected.popleft()
                self._ready.append((patch, self._pool.submit(self._make, patch)))

    def _make(self, patch: str | None) -> _Ready:
        with ExitStack() as held:
            held.callback(_READY.release)
            fork = held.enter_context(self._trees.fork(patch))
            prepare_script(fork, self._spec)
            return fork, held.pop_all()
