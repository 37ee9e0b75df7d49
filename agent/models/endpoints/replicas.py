"""The replicas of one model: each trajectory keeps to one, a failing one is left and tried again after a while."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf

from agent.models.endpoints.concurrency import Concurrency, calls_to
from agent.models.endpoints.rendezvous import Homes

log = logging.getLogger(__name__)

FIRST_REST = 15.0
"""Seconds for which a replica is left at its first failure; each further rest is twice as long."""
LONGEST_REST = 300.0


@dataclass
class Replica:
    """One address that serves the model, and what it has shown."""

    address: str
    """Empty where litellm finds it."""
    calls: Concurrency = field(default_factory=Concurrency)
    failures: int = 0
    """In a row."""
    rests_until: float = -inf
    on_trial: bool = False
    """One call finds out whether it answers again; the others keep away meanwhile."""


class Replicas:
    """Chooses where a call goes. Safe under many threads."""

    def __init__(
        self, addresses: Sequence[str], clock: Callable[[], float] = time.monotonic, calls: int | None = None
    ) -> None:
        """``calls``: at once to each address at most; None: as many as it takes."""
        self._clock = clock
        self._lock = threading.Lock()
        self._replicas = {address: Replica(address, calls_to(address, calls)) for address in addresses or ("",)}
        self._homes = Homes(list(self._replicas))

    def __len__(self) -> int:
        return len(self._replicas)

    def pick(self, trajectory: str) -> Replica:
        """Return the trajectory's own replica, or the next in its order while that one is left."""
        ordered = [self._replicas[address] for address in self._homes.order(trajectory)]
        if len(ordered) == 1:
            return ordered[0]
        with self._lock:
            for replica in ordered:
                if replica.failures == 0:
                    return replica
                if replica.rests_until <= self._clock() and not replica.on_trial:
                    replica.on_trial = True
                    return replica
            return min(ordered, key=lambda replica: replica.rests_until)

    def another(self) -> bool:
        """Tell whether there is a replica that has not failed last."""
        with self._lock:
            return len(self._replicas) > 1 and any(replica.failures == 0 for replica in self._replicas.values())

    def worked(self, replica: Replica) -> None:
        """Note that it answered."""
        with self._lock:
            back = replica.failures > 0 and len(self._replicas) > 1
            replica.failures, replica.rests_until, replica.on_trial = 0, -inf, False
        if back:
            log.warning("%s answers again", replica.address)

    def undecided(self, replica: Replica) -> None:
        """Note that a call ended without saying anything of the replica."""
        with self._lock:
            replica.on_trial = False

    def failed(self, replica: Replica, reason: str) -> None:
        """Note a failure: it is left for a while, longer at each."""
        with self._lock:
            if len(self._replicas) == 1 or (replica.rests_until > self._clock() and not replica.on_trial):
                return  # the only one there is, or one of the calls that failed together
            rest = min(FIRST_REST * 2**replica.failures, LONGEST_REST)
            replica.failures += 1
            replica.rests_until, replica.on_trial = self._clock() + rest, False
        log.warning("%s is left for %.0f s, its trajectories go to others: %s", replica.address, rest, reason)
