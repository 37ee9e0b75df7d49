"""One reading of a long prompt for all slots of llama.cpp's server.

The server keeps a slot's last prompt and reads only what differs from it, but never copies between slots: four
trajectories that start together from the same 3,000 tokens would each read them, on slots of their own. So the first
of them has its prompt read, saved, and restored into every idle slot; the others then find it in their own.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Sequence

import httpx

from agent.models.contract import Message, Request
from agent.models.local.llamacpp import client

log = logging.getLogger(__name__)

WORTH_CHARACTERS = 2000
"""Reading less than this again costs less than the trouble."""

WORTH_OPENING = 800
"""The same for what an opening (system and user message, no answer yet) adds to a prompt that was shared."""

REMEMBERED = 8
"""Prompts whose sharing is remembered: about as many as tasks and kinds of trajectory that take turns on the slots."""


def worth_sharing(request: Request) -> bool:
    """Tell whether a request may be one of several trajectories that begin alike.

    Several answers to one prompt read it once by themselves; a raw text or an answer that goes on is one trajectory's
    own, and sharing it would push out of their slots what the others have read.
    """
    last = request.messages[-1].role
    return not (request.raw or request.tools or request.n > 1 or last == "assistant")


class PrefixSharer:
    """Shares long prompts among the slots of one server. Safe under many threads; callers of the same prompt wait."""

    def __init__(self, api_base: str, api_key: str | None = None) -> None:
        self._http = client(api_base, api_key, timeout=600.0)
        self._lock = threading.Lock()
        self._shared: deque[str] = deque(maxlen=REMEMBERED)
        self._offered = True

    def share(self, messages: Sequence[Message], timeout: float = 600.0) -> bool:
        """Read the prompt into all idle slots, unless most of it was shared before; tell whether it was.

        ``timeout``: seconds for the reading.

        Openings are what several trajectories have in common, but for a last line; what follows an answer is one
        trajectory's own, and sharing it would push the others' out of their slots.

        A server that cannot (started without a folder for slots) is asked once and said so in the log; any other
        failure is logged and left to the call itself, which meets the same server.
        """
        text = "\n".join(f"{message.role}\n{message.content}" for message in messages)
        with self._lock:
            if not self._offered or not self._worth(text, opening=len(messages) == 2):
                return False
            self._shared.append(text)
            try:
                return self._spread(messages, timeout)
            except httpx.HTTPStatusError as error:
                self._offered = False
                log.info("the server does not share prompts between slots: %s", error.response.text[:200])
            except httpx.HTTPError as error:
                self._shared.pop()
                log.warning("sharing a prompt between slots failed: %r", error)
            return False

    def _worth(self, text: str, *, opening: bool) -> bool:
        known = max((_common(text, shared) for shared in self._shared), default=0)
        new = len(text) - known
        return (new >= WORTH_CHARACTERS and known < len(text) // 2) or (opening and new >= WORTH_OPENING)

    def _spread(self, messages: Sequence[Message], timeout: float) -> bool:
        slots = self._http.get("/slots").raise_for_status().json()
        first, *others = [slot["id"] for slot in slots if not slot["is_processing"]] or [None]
        if not others:
            return False
        plain = [{"role": message.role, "content": message.content} for message in messages]
        read = {"messages": plain, "max_tokens": 1, "id_slot": first}
        self._http.post("/v1/chat/completions", json=read, timeout=timeout).raise_for_status()
        self._http.post(f"/slots/{first}?action=save", json={"filename": "shared"}).raise_for_status()
        for slot in others:
            self._http.post(f"/slots/{slot}?action=restore", json={"filename": "shared"}).raise_for_status()
        return True


def _common(one: str, other: str) -> int:
    """Return how many characters two texts have in common from their start."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
