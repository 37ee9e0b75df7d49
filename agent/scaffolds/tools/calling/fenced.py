"""Calls in an answer's text, for models without functions: one fenced block each, its first line says what it asks.

    ```bash                     ```view shop/price.py 1-40        ```create notes.py
    grep -rn total shop         ```                               VALUE = 1
    ```                                                           ```

A block whose content has fences itself is opened and closed by more backticks. Blocks of other kinds (``python``,
``text``, none) are what they are for people: text.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from typing import Any

from agent.scaffolds.tools.calling.calls import Call, Malformed

_BLOCK = re.compile(
    r"^[ \t]*(?P<fence>`{3,})(?P<head>[^`\n]*)\n(?P<body>.*?)(?:^[ \t]*(?P=fence)[ \t]*$|\Z)", re.M | re.S
)
_SEARCH, _MIDDLE, _REPLACE = (re.compile(rf"{mark}[ \t]*") for mark in ("<{5,} ?SEARCH", "={5,}", ">{5,} ?REPLACE"))
_SHELL = frozenset({"bash", "sh", "shell", "console"})
_WHOLE_NUMBER = re.compile(r"-?\d+")

Form = Callable[[Sequence[str], str], dict[str, Any]]


class _Wrong(Exception):
    """A block that asks for nothing that can be done."""


def fenced_calls(text: str) -> list[Call | Malformed]:
    """Return the calls that an answer's blocks ask for, in order."""
    return [
        call for block in _BLOCK.finditer(text.replace("\r\n", "\n")) if (call := _call(block["head"], block["body"]))
    ]


def _call(head: str, body: str) -> Call | Malformed | None:
    try:
        words = shlex.split(head)
    except ValueError:
        words = head.split()
    kind, rest = (words[0].lower(), words[1:]) if words else ("", [])
    if kind in _SHELL:
        return Call("bash", _bash(rest, body))
    if kind not in _EDITS and kind not in _BARE:
        return None
    try:
        if kind in _BARE:
            keep = [word for word in (*rest, *body.split()) if word != "keep"] if kind == "submit" else []
            return Call(kind, {"keep": keep} if keep else {})
        if not rest:
            raise _Wrong(f"a ```{kind} block names its file on its first line")
        return Call("edit", {"command": kind, "path": rest[0], **_EDITS[kind](rest[1:], body)})
    except _Wrong as problem:
        return Malformed(kind, str(problem))


def _bash(words: Sequence[str], body: str) -> dict[str, Any]:
    seconds = [word.removeprefix("timeout=") for word in words if word.startswith("timeout=")]
    return {"command": body.strip("\n"), **({"timeout": seconds[-1]} if seconds else {})}


def _view(words: Sequence[str], body: str) -> dict[str, Any]:
    numbers = [int(number) for number in re.findall(r"(?<!\d)-1\b|\d+", " ".join(words))]
    return {"view_range": [numbers[0], numbers[1] if len(numbers) > 1 else -1]} if numbers else {}


def _replace(words: Sequence[str], body: str) -> dict[str, Any]:
    pairs = _pairs(body)
    if len(pairs) != 1:
        raise _Wrong(
            "a ```replace block holds one pair: a line `<<<<<<< SEARCH`, the old lines, `=======`, the new lines, "
            "`>>>>>>> REPLACE`"
        )
    return {"old_str": pairs[0][0], "new_str": pairs[0][1]}


def _pairs(body: str) -> list[tuple[str, str]]:
    """Return the old and new lines of each whole pair: line by line, for a model may open thousands."""
    found: list[tuple[str, str]] = []
    parts: list[list[str]] = []
    for line in re.findall(r"[^\n]*\n|[^\n]+", body):
        mark = line.removesuffix("\n")
        awaited = (_SEARCH, _MIDDLE, _REPLACE)[len(parts)]
        if not awaited.fullmatch(mark):
            if parts:
                parts[-1].append(line)
        elif awaited is _REPLACE:
            found.append(("".join(parts[0]), "".join(parts[1])))
            parts = []
        else:
            parts.append([])
    return found


def _insert(words: Sequence[str], body: str) -> dict[str, Any]:
    if not words or not _WHOLE_NUMBER.fullmatch(words[0]):
        raise _Wrong("an ```insert block names its file and the number of the line after which it goes")
    return {"insert_line": int(words[0]), "new_str": body}


def _create(words: Sequence[str], body: str) -> dict[str, Any]:
    return {"file_text": body}


def _undo(words: Sequence[str], body: str) -> dict[str, Any]:
    return {}


_EDITS: dict[str, Form] = {
    "view": _view,
    "replace": _replace,
    "insert": _insert,
    "create": _create,
    "undo": _undo,
}
_BARE = frozenset({"check", "submit"})
