"""A vendor's refusal, and what several vendors' rules have in common."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

Json = dict[str, Any]


class Refusal(Exception):
    """A request that the vendor refuses, in its own words."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def only(body: Mapping[str, Any], known: Collection[str], where: str = "") -> None:
    """Refuse what a vendor does not know."""
    for key in body:
        if key not in known:
            raise Refusal(f"Unrecognized request argument supplied: {where}{key}")


def within(value: Any, low: float, high: float, name: str) -> None:
    """Refuse a number that is out of its range."""
    if value is not None and not low <= value <= high:
        raise Refusal(f"{name}: must be between {low:g} and {high:g}, got {value}")


def absent(body: Mapping[str, Any], *names: str, model: str) -> None:
    """Refuse parameters that a model does not take."""
    for name in names:
        if body.get(name) is not None:
            raise Refusal(f"Unsupported parameter: '{name}' is not supported with {model}.")


def seal(text: str) -> str:
    """Return the signature under a thought, by which its vendor knows it again."""
    return hashlib.sha256(f"sealed {text}".encode()).hexdigest()


THOUGHT = "The command shows what is there."
COMMANDS = ({"command": "ls"}, {"command": "pwd"})
"""What a model calls its function with: twice in one answer."""
WORD = "YES"
