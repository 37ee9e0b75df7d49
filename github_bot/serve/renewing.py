"""A token that lasts as long as the work: a new one is handed over before the one at hand ends."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO

from github_bot.errors import GitHubError

RENEWED = 3000.0
"""Seconds after which there is a new one: GitHub's last an hour."""
_AGAIN = 60.0
"""Seconds until the next try where GitHub gave none."""
_LOG = logging.getLogger(__name__)


class Renewing:
    """Called now and then; writes a new token, a line, to a process's standard input when it is time."""

    def __init__(self, make: Callable[[], str], to: IO[bytes], clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with a token that was made just now.

        Args:
            make: returns a new token.
            to: where it is written.
            clock: seconds.
        """
        self._make, self._to, self._clock = make, to, clock
        self._due = clock() + RENEWED

    def __call__(self) -> None:
        """Hand a new token over if it is time. Where GitHub gives none, the old one is good for some minutes yet."""
        if self._clock() < self._due:
            return
        try:
            token = self._make()
        except GitHubError as error:
            self._due = self._clock() + _AGAIN
            _LOG.warning("no new token for the work yet: %s", error)
            return
        self._due = self._clock() + RENEWED
        with suppress(BrokenPipeError):  # the process has just ended, which whoever waits for it sees
            self._to.write(f"{token}\n".encode())
            self._to.flush()
