"""What a user may pass to litellm with every request: nothing that is Runoff's to say, and of the right kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OURS = {
    "model": "-m names the model",
    "messages": "Runoff writes the messages",
    "n": "Runoff says how many answers it wants",
    "stream": "answers are read whole, and an endpoint that gives them in pieces alone is asked so by itself",
    "tools": "the scaffold says which tools there are",
    "timeout": "-c call_seconds=SECONDS says how long one try may take",
}
_NUMBERS = ("max_tokens", "max_completion_tokens")
_MAPPINGS = ("extra_headers", "extra_body")


def checked_kwargs(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments; ValueError, in one line, for what cannot be passed."""
    for key, value in kwargs.items():
        if key in _OURS:
            raise ValueError(f"{key} cannot be passed to litellm: {_OURS[key]}")
        if key in _NUMBERS and (isinstance(value, bool) or not str(value).isdecimal()):
            raise ValueError(f"{key} is a number of tokens, not {str(value)[:40]!r}")
        if key in _MAPPINGS and not isinstance(value, Mapping):
            raise ValueError(f"{key} is a mapping of names to values, not {str(value)[:40]!r}")
    return dict(kwargs)
