"""Who goes round in circles: the same call with the same result on the same tree."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field

TOLD_AT = 3
ENDED_AT = 5


@dataclass
class Repetition:
    """Counts what was called, with what came of it and on which tree; another tree is another place."""

    _seen: Counter[bytes] = field(default_factory=Counter)

    def count(self, call: str, result: str, tree: str) -> int:
        """Count one call, and return how often it was made with this result on this tree."""
        key = hashlib.sha256("\0".join((call, result, tree)).encode("utf-8", "surrogatepass")).digest()[:12]
        self._seen[key] += 1
        return self._seen[key]
