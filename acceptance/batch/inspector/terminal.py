"""``runoff inspect`` in a terminal of its own, timed from a key to the last byte that it draws."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from acceptance.commands import runoff


@dataclass(frozen=True)
class Took:
    """What a screen took."""

    seconds: float
    cpu: float
    """Seconds of a processor until then: what others do is no part of them, nor what is made ready later."""


_QUIET, _LONGEST = 0.4, 60.0
"""Seconds without a byte after which a screen is whole, and those that anything may take."""


class Terminal:
    """A browser that runs. A context manager."""

    def __init__(self, run: Path) -> None:
        """Begin it."""
        outer, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 45, 160, 0, 0))
        self._screen = outer
        self._began = time.monotonic()
        self._process = subprocess.Popen(
            runoff("inspect", str(run)),
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
        )
        os.close(inner)
        self._times = psutil.Process(self._process.pid)

    def opened(self, words: str) -> Took:
        """Return what it takes from the command's start until its first screen, which holds ``words``, is whole."""
        return self._whole(self._began, 0.0, words)

    def press(self, keys: bytes, words: str = "") -> Took:
        """Press a key; returns what it takes until the screen that it leads to, which holds ``words``, is whole."""
        began, used = time.monotonic(), self._used()
        os.write(self._screen, keys)
        return self._whole(began, used, words)

    def _used(self) -> float:
        times = self._times.cpu_times()
        return times.user + times.system

    def _whole(self, began: float, used: float, words: str) -> Took:
        shown, last, last_used = b"", 0.0, used
        while time.monotonic() - began < _LONGEST:
            ready = select.select([self._screen], [], [], _QUIET)[0]
            if ready:
                shown += os.read(self._screen, 1 << 16)
                last, last_used = time.monotonic(), self._used()
            elif last and words.encode() in shown:
                return Took(last - began, last_used - used)
        raise TimeoutError(f"{words!r} was not shown within {_LONGEST:.0f} s; shown: {shown[-2000:]!r}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._screen)  # it hangs up
        self._process.kill()
        self._process.wait()
