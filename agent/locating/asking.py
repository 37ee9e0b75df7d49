"""What all questions of locating share: their rooms in the model's window, and their messages."""

from __future__ import annotations

from collections.abc import Callable

from agent.context.tokens import estimate_tokens
from agent.models.contract import Completion, Message, Request
from agent.models.profiles import ModelProfile
from agent.prompts import render
from agent.scaffolds.both_sides import clipped

Ask = Callable[[Request], Completion]
"""Asks the model. The caller sets the seed, gives a reasoning model its room, puts the call on record and pays."""

MOST_SHOWN = 32_000
"""Tokens that one question shows at most, however large the window is."""
_UNKNOWN_WINDOW = 32_768
_RULES = 500
_CHARACTERS = 3
_ISSUE_SHARE = 4


def room_beside(issue: str, answer: int, profile: ModelProfile) -> int:
    """Return the tokens that a question may show beside the (clipped) issue, its rules and its answer."""
    window = profile.context_tokens or _UNKNOWN_WINDOW
    left = window - profile.room(answer) - estimate_tokens(clipped_issue(issue, profile)) - _RULES
    return max(200, min(MOST_SHOWN, left))


def clipped_issue(issue: str, profile: ModelProfile) -> str:
    """Return an issue, its middle left out where it would take more than a part of the window."""
    return clipped(issue, (profile.context_tokens or _UNKNOWN_WINDOW) // _ISSUE_SHARE * _CHARACTERS)


def asked(prompt: str, *, answer: int, grammar: str | None = None, temperature: float = 0.0) -> Request:
    """Return a question."""
    messages = (Message(role="system", content=render("locate/system")), Message(role="user", content=prompt))
    return Request(messages, max_tokens=answer, grammar=grammar, temperature=temperature)
