"""What is done with the texts, lists and tables of ``static_values``: pure, and bounded in what comes out."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Callable
from typing import Any

MAX_SIZE = 200_000
MAX_STEPS = 50_000
MAX_MADE = 20_000_000
"""Of all texts and lists that are made on the way: characters, and eight for each part of a list."""
UNKNOWN = type("Unknown", (), {"__repr__": lambda self: "UNKNOWN"})()
"""Stands for what cannot be told."""

METHODS: dict[str, Callable[..., Any]] = {
    **{name: getattr(str, name) for name in ("strip", "rstrip", "lstrip", "split", "splitlines", "lower")},
    **{name: getattr(str, name) for name in ("startswith", "endswith", "partition", "removeprefix", "removesuffix")},
}
"""Methods of texts that have no effect."""


class GaveUp(Exception):
    """The file computes more than is followed."""


class Budget:
    """What one module may take: steps, and the size of all that is made on the way."""

    def __init__(self) -> None:
        self._steps = self._made = 0

    def step(self) -> None:
        """Count one step. GaveUp."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise GaveUp

    def weighed(self, value: Any) -> Any:
        """Return what was made, its size counted. GaveUp."""
        if isinstance(value, str | list | dict):
            self._made += len(value) * (1 if isinstance(value, str) else 8)
        if self._made > MAX_MADE:
            raise GaveUp
        return value


class OpenFile(str):
    """A file of the tree that is open: its path."""

    __slots__ = ()


def joined(mark: str, parts: list[Any]) -> Any:
    """Return texts put together with a mark between them."""
    if all(isinstance(part, str) for part in parts) and sum(map(len, parts)) + len(mark) * len(parts) <= MAX_SIZE:
        return mark.join(parts)
    return UNKNOWN


def added(one: Any, other: Any) -> Any:
    """Return two lists or two texts as one."""
    if isinstance(one, list) and isinstance(other, list) and len(one) + len(other) <= MAX_SIZE:
        return [*one, *other]
    if isinstance(one, list) and other is UNKNOWN:
        return [*one, UNKNOWN]
    if isinstance(one, str) and isinstance(other, str) and len(one) + len(other) <= MAX_SIZE:
        return str(one) + str(other)
    return UNKNOWN


def item(owner: Any, key: Any) -> Any:
    """Return what stands in a table or a list under a key."""
    if isinstance(owner, dict) and isinstance(key, str):
        return owner.get(key, UNKNOWN)
    if isinstance(owner, list) and isinstance(key, int) and -len(owner) <= key < len(owner):
        return owner[key]
    return UNKNOWN


def folder_of(path: Any) -> Any:
    """Return the folder of a path."""
    return posixpath.dirname(path) if isinstance(path, str) else UNKNOWN


def path_of(*parts: Any) -> Any:
    """Return parts of a path put together."""
    return posixpath.join(*parts) if parts and all(isinstance(part, str) for part in parts) else UNKNOWN


def called(call: ast.Call) -> str:
    """Return the last name of what is called."""
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))
