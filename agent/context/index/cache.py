"""Indexes of files by their content, in one small database that several processes may use at once.

It is a cache and nothing more: what cannot be read is made again, and what was not used for long makes room.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from agent.context.index.file_index import FORMAT, FileIndex

logger = logging.getLogger(__name__)

MOST_BYTES = 512_000_000
"""Size from which on the oldest third leaves."""
_DAY = 86_400
_LARGEST = 50_000_000
"""Bytes that one entry may unpack to."""
_WAIT = 20.0
_SCHEMA = "CREATE TABLE IF NOT EXISTS files (digest BLOB PRIMARY KEY, used INTEGER, data BLOB) WITHOUT ROWID"


def digest(raw: bytes) -> bytes:
    """Return the key of a file's content."""
    return hashlib.blake2b(raw, digest_size=16, salt=FORMAT.to_bytes(16, "little")).digest()


class IndexCache:
    """A folder's database of indexes. Safe under several threads and processes."""

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self._path = folder / "symbols.sqlite"
        self._most_bytes = most_bytes
        self._lock = threading.Lock()

    def read(self, digests: Iterable[bytes]) -> dict[bytes, FileIndex]:
        """Return the indexes that are there and whole."""
        found: dict[bytes, FileIndex] = {}
        today = int(time.time()) // _DAY

        def work(database: sqlite3.Connection) -> None:
            old: list[bytes] = []
            for key in digests:
                row = database.execute("SELECT used, data FROM files WHERE digest = ?", (key,)).fetchone()
                index = _unpacked(row[1]) if row else None
                if index is not None:
                    found[key] = index
                    old += [key] if row[0] != today else []
            if old:
                database.executemany("UPDATE files SET used = ? WHERE digest = ?", [(today, key) for key in old])

        self._with_database(work)
        return found

    def lacks(self, digests: Iterable[bytes]) -> set[bytes]:
        """Return the keys that nothing is kept under."""
        missing = set(digests)

        def work(database: sqlite3.Connection) -> None:
            asked = "SELECT digest FROM files WHERE digest = ?"
            missing.difference_update([key for key in missing if database.execute(asked, (key,)).fetchone()])

        self._with_database(work)
        return missing

    def write(self, indexes: Mapping[bytes, FileIndex]) -> None:
        """Keep indexes; those used longest ago leave where there are too many."""
        today = int(time.time()) // _DAY
        rows = [(key, today, zlib.compress(index.dump(), 1)) for key, index in indexes.items()]

        def work(database: sqlite3.Connection) -> None:
            database.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", rows)
            size, count = database.execute("SELECT SUM(LENGTH(data)), COUNT(*) FROM files").fetchone()
            if size > self._most_bytes:
                oldest = "SELECT digest FROM files ORDER BY used, digest LIMIT ?"
                database.execute(f"DELETE FROM files WHERE digest IN ({oldest})", (max(1, count // 3),))

        if rows:
            self._with_database(work)

    def _with_database(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Work with the database and keep what was changed; one that is damaged, or locked for long, is passed by."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock, contextlib.closing(sqlite3.connect(self._path, timeout=_WAIT)) as database, database:
                database.execute("PRAGMA journal_mode=WAL")
                database.execute("PRAGMA synchronous=OFF")
                database.execute(_SCHEMA)
                work(database)
        except (OSError, sqlite3.OperationalError) as error:
            logger.warning("the cache of symbols %s is passed by: %s", self._path, error)
        except sqlite3.DatabaseError as error:
            logger.warning("the cache of symbols %s is damaged (%s) and begun again", self._path, error)
            for name in (self._path, *(self._path.with_name(f"{self._path.name}-{end}") for end in ("wal", "shm"))):
                name.unlink(missing_ok=True)


def _unpacked(data: object) -> FileIndex | None:
    """Return an entry, None where it is damaged: it is then made again and written over."""
    try:
        if not isinstance(data, bytes):
            raise ValueError("no bytes")
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(data, _LARGEST)
        if not unpacker.eof:
            raise ValueError("cut off, or too large")
        return FileIndex.load(plain)
    except (ValueError, zlib.error) as error:
        logger.info("an entry of the cache of symbols is made again: %s", error)
        return None
