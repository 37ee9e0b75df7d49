"""Ends what is under way when a run is interrupted, without a thread for each that may be."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LOOK = 0.2
"""Seconds between two looks whether anything is still under way."""

_lock = threading.Lock()
_under_way: dict[threading.Event, list[Callable[[], None]]] = {}


@contextmanager
def ended_on(interrupt: threading.Event, end: Callable[[], None]) -> Iterator[None]:
    """Call ``end``, from another thread, if the event is set before the block is over."""
    with _lock:
        watched = interrupt in _under_way
        _under_way.setdefault(interrupt, []).append(end)
        if not watched:
            threading.Thread(target=_watch, args=(interrupt,), name="interrupt", daemon=True).start()
    try:
        yield
    finally:
        with _lock:
            _under_way[interrupt].remove(end)


def _watch(interrupt: threading.Event) -> None:
    """Wait for one event until nothing is under way that it would end."""
    while True:
        interrupted = interrupt.wait(_LOOK)
        with _lock:
            ends = list(_under_way[interrupt])
            if not ends:
                del _under_way[interrupt]
                return
        if interrupted:
            for end in ends:
                end()
            time.sleep(_LOOK)
