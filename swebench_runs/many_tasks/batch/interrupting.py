"""What Ctrl-C and SIGTERM do to a run: everything is saved, then it ends; a second Ctrl-C ends it at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_pressed = threading.Event()
"""Ctrl-C came while a command began."""


@contextmanager
def noticed() -> Iterator[None]:
    """Remember for the block that Ctrl-C was pressed: a library that begins with a bare ``except`` may swallow it."""

    def handle(number: int, frame: FrameType | None) -> None:
        _pressed.set()
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield  # nobody else may say what a signal does
        return
    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        _pressed.clear()


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """Turn Ctrl-C and SIGTERM into a stop event while the block lasts; a second Ctrl-C interrupts at once.

    Raises KeyboardInterrupt where it was pressed before, and swallowed.
    """
    if _pressed.is_set():
        raise KeyboardInterrupt
    stop = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
