"""One call before a fan-out: the first of those that share a long prefix goes alone, the others then find it cached.

Worth it where a vendor bills what it has cached for less. A prompt counts as the beginning of a fan-out when it is the
first turn of a conversation: later turns follow answers, and no two are alike.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from agent.models.contract import Message

SHARED = 6000
"""Characters of a prompt that make its prefix: what vendors cache has at least 1,024 tokens."""
KEPT = 240.0
"""Seconds for which a prefix counts as cached after an answer; vendors keep it for five minutes."""
PATIENCE = 120.0
"""Seconds for which the others wait for the first: a thought may take long, and they must not stand still for it."""
_MOST = 1000
_LOOK = 0.5


class WarmUp:
    """The prefixes of one model. Safe under many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._leading: set[str] = set()
        self._warm: OrderedDict[str, float] = OrderedDict()

    @contextmanager
    def turn(self, messages: Sequence[Message], over: Callable[[], bool]) -> Iterator[bool]:
        """Hold a call back while another warms its prefix; yields whether this one waited.

        ``over`` says that the call is given up: it then goes on at once and finds that out by itself.
        """
        key = _prefix(messages)
        if key is None:
            yield False
            return
        began = self._clock()
        waited, leads = False, False
        with self._changed:
            while key in self._leading and not over() and self._clock() - began < PATIENCE:
                waited = True
                self._changed.wait(_LOOK)
            if key not in self._leading and self._clock() - self._warm.get(key, -KEPT) >= KEPT:
                self._leading.add(key)
                leads = True
        done = False
        try:
            yield waited
            done = True
        finally:
            with self._changed:
                if leads:
                    self._leading.discard(key)
                if done:
                    self._warm[key] = self._clock()
                    self._warm.move_to_end(key)
                    while len(self._warm) > _MOST:
                        self._warm.popitem(last=False)
                self._changed.notify_all()


def _prefix(messages: Sequence[Message]) -> str | None:
    """Return what tells a long prefix, None for a short one or for a turn that follows an answer."""
    if any(message.role in ("assistant", "tool") for message in messages):
        return None
    text = "\0".join(f"{message.role}:{message.content}" for message in messages)[:SHARED]
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() if len(text) >= SHARED else None
