"""The workers: each takes a delivery, does what it asks for, and says what became of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Literal

from environments.text import one_line
from github_bot.errors import Unanswered
from github_bot.serve.queue import Delivery, Elsewhere, Queue
from swebench_runs.errors import RunoffError

_LOG = logging.getLogger("runoff.bot")
_TRIES = 3
_PATIENCE = 60.0
"""Seconds that a delivery waits after GitHub did not answer."""

Handle = Callable[[Delivery, threading.Event], str]
"""Does what a delivery asks for and returns what became of it; empty: it stopped at the event, to go on later.

Raises Elsewhere before anything is done, where the delivery is of another place.
"""


class Workers:
    """Threads that work on a queue; a context manager, that ends when what is worked on has ended.

    An error that nobody foresaw fails its delivery alone. One of the queue itself is raised at the end; ``failed`` is
    called when it happens.
    """

    def __init__(
        self,
        queue: Queue,
        handle: Handle,
        count: int,
        *,
        failed: Callable[[], None] = lambda: None,
        patience: float = _PATIENCE,
    ) -> None:
        """Work with so many threads."""
        self._queue, self._handle, self._count, self._patience = queue, handle, count, patience
        self._failed = failed
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="bot")
        self._work = threading.Condition()
        self._news = 0
        self.stopping = threading.Event()

    def __enter__(self) -> Workers:
        self._running = [self._pool.submit(self._go_on) for _ in range(self._count)]
        for running in self._running:
            running.add_done_callback(self._over)
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.wake()
        self._pool.shutdown(wait=True)
        for ended in self._running:
            ended.result()

    def wake(self) -> None:
        """Say that there may be something to do."""
        with self._work:
            self._news += 1
            self._work.notify_all()

    def _over(self, ended: Future[None]) -> None:
        if ended.exception() is not None:
            self._failed()

    def _go_on(self) -> None:
        while not self.stopping.is_set():
            seen = self._news  # before looking: what comes between is seen by the wait
            delivery = self._queue.take()
            if delivery is None:
                self._wait_for_news(seen)
            else:
                self._do(delivery)
                self.wake()  # its place is free

    def _wait_for_news(self, seen: int) -> None:
        with self._work:
            self._work.wait_for(lambda: self._news != seen or self.stopping.is_set())

    def _do(self, delivery: Delivery) -> None:
        state: Literal["done", "failed", "queued"] = "done"
        try:
            said = self._handle(delivery, self.stopping)
        except Elsewhere as moved:
            self._queue.move(delivery, moved)
            return
        except Unanswered as error:
            # Nothing is lost by trying again: every step looks for what is there.
            said, state = str(error), "queued" if delivery.tries < _TRIES else "failed"
            self.stopping.wait(self._patience)
        except RunoffError as error:
            said, state = str(error), "failed"
        except Exception as error:  # noqa: BLE001 - one delivery, which a stranger may have made, must not end the rest
            _LOG.exception("%s %s: an error that nobody foresaw", delivery.place, delivery.event)
            said, state = f"an error that nobody foresaw: {type(error).__name__}: {error}", "failed"
        if self.stopping.is_set() and state == "done" and not said:
            state = "queued"
        _LOG.info("%s %s: %s: %s", delivery.place, delivery.event, state, one_line(said, 300))
        self._queue.end(delivery, state, one_line(said))  # whose file holds no half of a letter
