"""How a model is told to think before it answers, and what it does not take beside a thought."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agent.models.contract import Request
from agent.models.profiles import ModelProfile

LEAST_BUDGET = 1024
"""Tokens of the least thought that Claude's older models take."""


@dataclass(frozen=True)
class Thought:
    """What a request says of the thought before its answer."""

    spelled: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Parameter -> the arguments of litellm's that it is."""
    forbids: frozenset[str] = frozenset()
    """What is not taken beside it: parameters, or ``forced tools``."""
    notes: tuple[str, ...] = ()


def thought(name: str, profile: ModelProfile, request: Request, room: int) -> Thought:
    """Return how to ask a model for its thought. ``room``: of the whole answer, thought included."""
    effort = profile.reasoning_effort
    if profile.reasoning == "budget":
        return _budget(profile, request, room) if effort != "none" else Thought()
    if profile.reasoning == "effort" and effort:
        beside = _BESIDE_CLAUDE if "claude" in name.lower() and effort != "none" else frozenset[str]()
        wanted = profile.effort_wanted
        notes = (f"reasoning_effort {wanted} sent as {effort}",) if wanted else ()
        return Thought({"reasoning_effort": {"reasoning_effort": effort}}, beside, notes)
    return Thought()


_BESIDE_CLAUDE = frozenset({"temperature", "forced tools"})


def _budget(profile: ModelProfile, request: Request, room: int) -> Thought:
    tokens = min(profile.reasoning_tokens, room - 1)
    if tokens < LEAST_BUDGET:
        return Thought(notes=("thinking dropped: too little room for it",))
    if request.messages and request.messages[-1].role == "assistant":
        return Thought(notes=("thinking dropped: the answer's opening is given",))
    if _thoughtless_call(request):
        return Thought(notes=("thinking dropped: the last call of a function came without a thought",))
    return Thought({"thinking": {"thinking": {"type": "enabled", "budget_tokens": tokens}}}, _BESIDE_CLAUDE)


def _thoughtless_call(request: Request) -> bool:
    """Tell whether the answer that a running tool loop goes on from called functions without a thought before."""
    last = next((message for message in reversed(request.messages) if message.role == "assistant"), None)
    in_loop = bool(request.messages) and request.messages[-1].role == "tool"
    return in_loop and last is not None and bool(last.tool_calls) and not last.thinking
