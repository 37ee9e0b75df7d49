"""Who goes round in circles: the same call with the same result, with nothing new done in between."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field

TOLD_AT = 3
ENDED_AT = 5


@dataclass
class Repetition:
    """Counts what was called, with what came of it and on which tree; another tree is another place.

    A call that may change something and was never made before is another place too: a script that is written anew
    stands in no patch, and running it again may well come to the same.
    """

    _seen: Counter[bytes] = field(default_factory=Counter)
    _made: set[bytes] = field(default_factory=set)

    def count(self, call: str, result: str, tree: str, *, changes: bool = False) -> int:
        """Count one call, and return how often it was made with this result on this tree since anything new was done.

        ``changes``: it may have changed something.
        """
        key = _key(call, result, tree)
        if changes and (made := _key(call)) not in self._made:
            self._made.add(made)
            self._seen.clear()
        self._seen[key] += 1
        return self._seen[key]


def _key(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()[:12]
