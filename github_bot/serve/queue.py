"""The queue of deliveries on disk: what was answered with 202 is not lost, and nothing is taken twice."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

State = Literal["queued", "working", "done", "failed"]
_TABLE = """
create table if not exists deliveries (
    number integer primary key,
    id text not null unique,
    digest text not null unique,
    event text not null,
    place text not null,
    payload blob,
    state text not null default 'queued',
    tries integer not null default 0,
    said text not null default ''
);
create index if not exists waiting on deliveries (state, number);
"""
_NEXT = """
update deliveries set state = 'working', tries = tries + 1 where number = (
    select number from deliveries where state = 'queued'
    and place not in (select place from deliveries where state = 'working') order by number limit 1
) returning number, id, event, place, payload, tries
"""

_CUT_OFF = """
update deliveries set state = case when tries < ? then 'queued' else 'failed' end, said = 'the server ended meanwhile'
where state = 'working'
"""
_MOST_CUT_OFF = 5
"""What the server ended with so often is what ends it."""


@dataclass(frozen=True)
class Delivery:
    """One event that GitHub delivered."""

    number: int
    id: str
    event: str
    place: str
    """``owner/name#issue``: of one place one delivery is worked on at a time."""
    payload: bytes
    tries: int


class Elsewhere(Exception):
    """A delivery is of another place than it was queued under: only GitHub could tell."""

    def __init__(self, place: str) -> None:
        super().__init__(f"queued again, as one of {place}")
        self.place = place


class Queue:
    """A queue in one SQLite file, for one process and all of its threads."""

    def __init__(self, file: Path) -> None:
        """Open it; what a process that is gone was working on waits again, unless that ended it several times."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._base = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._base.execute("pragma journal_mode = wal")
        self._base.execute("pragma synchronous = full")
        self._base.executescript(_TABLE)
        self._base.execute(_CUT_OFF, (_MOST_CUT_OFF,))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._base.close()

    def put(self, identifier: str, event: str, place: str, payload: bytes) -> bool:
        """Keep a delivery, on disk when this returns; False where it is there already.

        A delivery is known by its id and by what it says: only the latter is signed.
        """
        digest = sha256(event.encode() + b"\0" + payload).hexdigest()
        with self._asked() as base:
            done = base.execute(
                "insert or ignore into deliveries (id, digest, event, place, payload) values (?, ?, ?, ?, ?)",
                (identifier, digest, event, place, payload),
            )
            return done.rowcount == 1

    def take(self) -> Delivery | None:
        """Return the oldest delivery that waits and whose place is free, as one that is worked on."""
        with self._asked() as base:
            row = base.execute(_NEXT).fetchone()
        return None if row is None else Delivery(*row)

    def move(self, delivery: Delivery, moved: Elsewhere) -> None:
        """Let a delivery wait under its own place, where it keeps its turn; this was no try."""
        with self._asked() as base:
            base.execute(
                "update deliveries set state = 'queued', tries = tries - 1, place = ?, said = ? where number = ?",
                (moved.place, str(moved), delivery.number),
            )

    def end(self, delivery: Delivery, state: Literal["done", "failed", "queued"], said: str = "") -> None:
        """Say what became of a delivery; one that is over keeps its id, not its payload."""
        payload = delivery.payload if state == "queued" else None
        with self._asked() as base:
            base.execute(
                "update deliveries set state = ?, said = ?, payload = ? where number = ?",
                (state, said, payload, delivery.number),
            )

    def counts(self) -> dict[State, int]:
        """Return how many deliveries are in each state."""
        with self._asked() as base:
            found = dict(base.execute("select state, count(*) from deliveries group by state"))
        states: tuple[State, ...] = ("queued", "working", "done", "failed")
        return {state: found.get(state, 0) for state in states}

    @contextmanager
    def _asked(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            yield self._base
