"""How long the failures of one endpoint are waited out, by what it has shown so far."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from agent.models.failures.failure_words import status_of
from agent.models.failures.refusals import is_of_the_way, is_unreached

UNREACHED_SECONDS = 30.0
"""How long is tried to reach an endpoint that has never answered: an address with a slip of the pen is told soon."""

SPOILED_TRIES = 6
"""Tries that end in status 500, though other calls are answered, before the request is held to be the reason."""


@dataclass
class Endpoint:
    """What an endpoint has shown. Safe under many threads: every field is set whole."""

    revived: bool = False
    """Somebody brings it back when it is gone."""
    answered: bool = False
    """It has answered a call in this sitting."""
    patience: float = inf
    """Seconds for which it is waited for while it answers nobody; after them a call is tried once."""
    clock: Callable[[], float] = time.monotonic
    down_since: float | None = None
    """When it failed first since its last answer."""

    def works(self) -> None:
        """Note an answer."""
        self.answered, self.down_since = True, None

    def given_up(self) -> bool:
        """Note a failure; tells whether there was no answer for anybody for as long as it is waited for."""
        if self.down_since is None:
            self.down_since = self.clock()
        return self.clock() - self.down_since >= self.patience


@dataclass
class Patience:
    """How long one call is tried for."""

    endpoint: Endpoint
    spoiled: bool = False
    """The endpoint fails at this request, and answers others."""
    refusing: int = 0
    """Its tries that ended in status 500."""

    def worn_out(self, error: BaseException, tries: int, seconds: float) -> bool:
        """Tell whether a failure that may pass has lasted too long for that."""
        if self.endpoint.given_up():
            return True
        if status_of(error) == 500 and not is_of_the_way(error):
            self.refusing += 1  # other failures between them say nothing of this request
            self.spoiled = self.endpoint.answered and self.refusing >= SPOILED_TRIES
            return self.spoiled
        lost = not self.endpoint.answered and not self.endpoint.revived
        return lost and is_unreached(error) and seconds >= UNREACHED_SECONDS
