"""The first message within a model's window: where it would take too much of it, less of the code is shown.

With tools a model can read what is left out; the issue it cannot, so its text goes last, and from the middle.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent.models.contract import Message
from agent.models.profiles import ModelProfile
from agent.scaffolds.scaffold import Plan
from agent.scaffolds.tools.shown import head_and_tail
from agent.scaffolds.tools.window.history import CHARACTERS_PER_TOKEN, tokens_of
from agent.trajectory.session import Session

_SHARE = 0.5
"""Part of the window that what stands at the start may take: the steps need the rest."""
SMALL_WINDOW = 16_384
"""Tokens of a window up to which the rules of the loop are told in few words."""
_LEAST = 1200
"""Characters of code and issue that are shown whatever the window."""
_LEFT_OUT = "[... more code is left out here, to leave room: look at files by the tools ...]"


def fitted(
    session: Session,
    plan: Plan,
    window: int | None,
    said: Callable[[str], str],
    *,
    system: str,
    functions: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Return the first message, ``said`` of the situation or of as much of it as fits."""
    whole = said(plan.situation)
    if window is None:
        return whole
    beside = (
        tokens_of(Message(role="system", content=system)) + len(json.dumps(list(functions))) // CHARACTERS_PER_TOKEN
    )
    most = min(int(_SHARE * window), plan.forms.profile.first_message_tokens or window)
    excess = tokens_of(Message(role="user", content=whole)) + beside - most
    if excess <= 0:
        return whole
    session.tell(f"first message shortened by about {excess} tokens to {most}: the window has {window}")
    return said(shortened(plan.situation, plan.forms.context.text, excess * CHARACTERS_PER_TOKEN))


def shortened(situation: str, code: str, excess: int) -> str:
    """Return a situation that is shorter by about ``excess`` characters, taken from its ``code`` first."""
    least = max(_LEAST, len(situation) - excess)
    if code and code in situation:
        kept = code[: max(0, len(code) - excess - len(_LEFT_OUT))]
        kept = kept[: kept.rfind("\n") + 1]
        situation = situation.replace(code, f"{kept}{_LEFT_OUT}", 1)
    return head_and_tail(situation, least + len(_LEFT_OUT), "the rest does not fit your window")


def is_small(profile: ModelProfile) -> bool:
    """Tell whether a model's window is too small for long rules."""
    return profile.context_tokens is not None and profile.context_tokens <= SMALL_WINDOW
