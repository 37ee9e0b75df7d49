"""Which replica a trajectory belongs to: by a hash, so that it finds the same one again, and about evenly."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from math import ceil

SLACK = 1.25
"""How many times the even share a replica may have before the next in a trajectory's order takes it."""


def order(key: str, places: Sequence[str]) -> list[str]:
    """Return the places in the order in which a key prefers them; one that goes or comes moves no other key."""
    return sorted(places, key=lambda place: hashlib.sha256(f"{key}\0{place}".encode()).digest())


class Homes:
    """The home of each key. Safe under many threads; a key keeps its home."""

    def __init__(self, places: Sequence[str]) -> None:
        self._places = list(places)
        self._lock = threading.Lock()
        self._home: dict[str, str] = {}
        self._share = dict.fromkeys(self._places, 0)
        self._asked = 0

    def order(self, key: str) -> list[str]:
        """Return the places for a key, its home first; without a key each comes first in turn."""
        with self._lock:
            if not key:
                self._asked += 1
                first = self._asked % len(self._places)
                return [*self._places[first:], *self._places[:first]]
            preferred = order(key, self._places)
            home = self._home[key] if key in self._home else self._settle(key, preferred)  # "" is a vendor's own place
        return [home, *(place for place in preferred if place != home)]

    def _settle(self, key: str, preferred: Sequence[str]) -> str:
        most = ceil(SLACK * (len(self._home) + 1) / len(self._places))
        home = next(place for place in preferred if self._share[place] < most)
        self._home[key] = home
        self._share[home] += 1
        return home
