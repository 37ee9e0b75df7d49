"""The key of a recorded request, made without reading a growing conversation again at every step."""

from __future__ import annotations

import hashlib
import json
import operator
from collections.abc import Mapping, Sequence
from typing import Any

_MESSAGES = "messages"


class RequestKeys:
    """Gives the keys of one trajectory's requests: a hash of each request's JSON, keys sorted.

    A conversation is a growing list: of one that begins as the last one did, only what is new is hashed.
    """

    def __init__(self) -> None:
        self._head = ""
        self._told: Sequence[Any] = ()
        self._so_far = hashlib.sha256()

    def key(self, request: Mapping[str, Any]) -> str:
        """Return the key of a request (JSON data)."""
        messages = request.get(_MESSAGES)
        if not messages:
            return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()[:16]
        before = {name: value for name, value in request.items() if name < _MESSAGES}
        after = {name: value for name, value in request.items() if name > _MESSAGES}
        head = json.dumps(before, sort_keys=True)[:-1] + (", " if before else "") + f'"{_MESSAGES}": ['
        tail = "]" + (", " if after else "") + json.dumps(after, sort_keys=True)[1:]
        hashed = self._with(head, messages).copy()
        hashed.update(tail.encode())
        return hashed.hexdigest()[:16]

    def _with(self, head: str, messages: Sequence[Any]) -> hashlib._Hash:
        known = len(self._told)
        if head != self._head or not begins_with(messages, self._told):
            self._so_far, known = hashlib.sha256(head.encode()), 0
        for number, message in enumerate(messages[known:], known):
            text = json.dumps(message, sort_keys=True)
            self._so_far.update((f", {text}" if number else text).encode())
        self._head, self._told = head, tuple(messages)
        return self._so_far


def begins_with(whole: Sequence[object], start: Sequence[object]) -> bool:
    """Tell whether a sequence begins with the very objects of another: it is asked of whole dialogues at every step."""
    return len(start) <= len(whole) and all(map(operator.is_, start, whole))
