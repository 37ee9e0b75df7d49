"""The name under which a patch's grade is kept."""

from __future__ import annotations

import hashlib


def patch_key(patch: str) -> str:
    """Return the name under which a patch's grade is kept."""
    return hashlib.sha256(patch.encode("utf-8", "surrogateescape")).hexdigest()[:16]
