"""Prompts that fit a context window, and whose answer's room does not: the room can be less."""

from __future__ import annotations

import re

LEAST = 256
"""Tokens of the least room that is worth a call."""

_NUMBER = r"~?(\d+)"
_SAID = (
    # window, then the prompt's tokens
    re.compile(
        rf"maximum context length is {_NUMBER}\b.*?\b{_NUMBER} (?:in (?:the messages|your prompt)|input tokens)"
    ),
    re.compile(rf"maximum context length is {_NUMBER}\b.*?\({_NUMBER} of text input"),
    re.compile(rf"must be <= {_NUMBER}\. Given: {_NUMBER} `inputs` tokens"),
)
_SUM = re.compile(rf"max_tokens.*?\b{_NUMBER} \+ {_NUMBER} > {_NUMBER}")
"""Prompt, room, window."""


def room_left(reason: str, room: int) -> int | None:
    """Return the room that a refusal says is left beside the prompt; None where it says none, or too little.

    ``room``: what was asked for.
    """
    found = next((match for said in _SAID if (match := said.search(reason))), None)
    if found:
        window, prompt = int(found[1]), int(found[2])
    elif summed := _SUM.search(reason):
        window, prompt = int(summed[3]), int(summed[1])
    else:
        return None
    left = window - prompt
    return left if LEAST <= left < room else None
