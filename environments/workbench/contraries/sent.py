"""What test files whose answers are withheld have sent, and whether it is what was withheld.

It was written by the process that runs the code under test, so it is hostile: bounded, and read as plain values alone.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from environments.bounded import json_value
from environments.sandboxes.contract import Sandbox, UnreadableFile
from environments.workbench.contraries.withheld import Answers

MAX_SENT = 32 << 20
"""Bytes of all that is sent by one run; more of them are no answer."""
_MAX_LINE = 1 << 20
_SCALARS: dict[str, Any] = {"int": int, "float": float}
_MANY: dict[str, Any] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}


class Said(StrEnum):
    """What one assertion came to."""

    RIGHT = "right"
    """It was reached, and each time with the answer."""
    UNSURE = "unsure"
    """At least once with what cannot be compared here, an object of the code's own."""
    WRONG = "wrong"
    """With a value that is not the answer, at least once."""


def said(sandbox: Sandbox, answers: Answers) -> dict[int, Said]:
    """Return what the assertions came to in a sandbox that has run them, by number; those not reached are not there."""
    if not answers.expected:
        return {}
    try:
        content = sandbox.read(answers.path)
    except FileNotFoundError:
        return {}
    except UnreadableFile:
        return dict.fromkeys(answers.expected, Said.WRONG)
    return weighed(content, answers.expected)


def weighed(content: bytes, expected: Mapping[int, object]) -> dict[int, Said]:
    """Return what the assertions came to, by what was sent; where anything else stands there all of them are wrong."""
    found: dict[int, Said] = {}
    if len(content) > MAX_SENT:
        return dict.fromkeys(expected, Said.WRONG)
    for line in io.BytesIO(content):  # one by one: the first that is odd is the last that is read
        try:
            number, tree = json_value(line, at_most=_MAX_LINE)
            here = _said(tree, expected[number])
        except (ValueError, KeyError, TypeError, IndexError, RecursionError):
            return dict.fromkeys(expected, Said.WRONG)
        found[number] = max(found.get(number, Said.RIGHT), here, key=list(Said).index)
    return found


def _said(tree: list[Any], expected: object) -> Said:
    equal = _equal(tree, expected)
    return Said.UNSURE if equal is None else Said.RIGHT if equal else Said.WRONG


def _equal(tree: list[Any], expected: object) -> bool | None:
    """Compare what was sent with a plain value; None: it cannot be told.

    An object of a class that is not Python's own is known by what it shows of itself: whoever shows the answer has it.
    """
    kind = tree[0]
    if kind == "odd":
        return None
    if kind == "shown":
        return True if {repr(expected), str(expected)} & {str(tree[1]), str(tree[2])} else None
    if kind == "":
        return bool(tree[1] == expected)
    content, own = tree[1], bool(tree[2])
    if kind == "dict":
        equal = _same_items(content, expected)
    elif kind in _MANY:
        equal = _same_members(kind, content, expected)
    else:
        return bool(_scalar(kind, content) == expected)
    # A class that compares in its own way (a call that was recorded by a mock) is no plain container.
    return None if own and not equal else equal


def _scalar(kind: str, content: str) -> object:
    if kind == "str":
        return str(content)
    if kind == "bytes":
        return content.encode("latin-1")
    return _SCALARS[kind](content)


def _same_members(kind: str, content: list[Any], expected: object) -> bool | None:
    is_set = kind in ("set", "frozenset")
    if not isinstance(expected, set | frozenset if is_set else _MANY[kind]) or len(content) != len(expected):
        return False
    if is_set:
        rest = list(expected)
        return _all([_one_of(one, rest) for one in content])
    return _all([_equal(one, other) for one, other in zip(content, expected, strict=True)])


def _same_items(content: list[Any], expected: object) -> bool | None:
    if not isinstance(expected, dict) or len(content) != len(expected):
        return False
    keys = list(expected)
    found = []
    for key, value in content:
        same = [other for other in keys if _equal(key, other)]
        found.append(_equal(value, expected[same[0]]) if same else _one_of(key, keys))
    return _all(found)


def _one_of(tree: list[Any], values: list[Any]) -> bool | None:
    seen = [_equal(tree, value) for value in values]
    return True if True in seen else None if None in seen else False


def _all(seen: list[bool | None]) -> bool | None:
    return False if False in seen else None if None in seen else True
