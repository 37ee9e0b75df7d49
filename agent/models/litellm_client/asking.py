"""What one call asks an endpoint for: only what its model takes, and what was left out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.models.contract import Request
from agent.models.litellm_client.cache_marks import marked
from agent.models.litellm_client.litellm_check import LitellmCheck
from agent.models.litellm_client.reasoning import Thought, thought
from agent.models.litellm_client.refusable import Arguments
from agent.models.litellm_client.same_calls import folded
from agent.models.litellm_client.wire import wire, without_functions
from agent.models.profiles import ModelProfile

_ORDER = ("reasoning_effort", "thinking", "tools", "tool_choice", "temperature", "stop", "seed", "logprobs", "grammar")
"""How a thought is asked for decides what else is taken, so it comes first."""

Spelled = dict[str, dict[str, Any]]
"""Parameter -> the arguments of litellm's that it is."""


class Asking:
    """From a request to litellm's arguments, for one model. Safe under many threads."""

    def __init__(self, name: str, profile: ModelProfile, endpoint: Mapping[str, Any]) -> None:
        """``name``: as litellm is asked for it; ``endpoint``: where and as whom, with every call."""
        self._name = name
        self._profile = profile
        self._endpoint = dict(endpoint)
        self._check = LitellmCheck(name, self._endpoint.get("api_base"))

    def takes_n(self) -> bool:
        """Tell whether one call may ask for several answers."""
        return "n" not in self._profile.drop and not self._check.refused({"n": {"n": 2}})

    def arguments(self, request: Request) -> tuple[Arguments, list[str]]:
        """Return litellm's arguments for one call, and what was asked but the model does not take."""
        profile, notes = self._profile, []
        room = min(request.max_tokens, profile.max_output_tokens)
        if room < request.max_tokens:
            notes.append(f"max_tokens lowered to {room}")
        thinks = thought(self._name, profile, request, room)
        spelled = self._spelled(request, thinks, notes)
        for name in [name for name in spelled if name in self._never() | thinks.forbids]:
            del spelled[name]
            notes.append(f"{name} dropped")
        for name in self._check.refused(spelled):
            del spelled[name]
            notes.append(f"{name} dropped")
        messages = wire(request.messages, profile.thinking_back)
        if "gemini" in self._name.lower():
            messages = folded(messages)
        if "tools" not in spelled:
            messages = without_functions(messages)
        arguments: Arguments = {
            "model": self._name,
            "messages": marked(messages) if profile.cache_marks else messages,
            profile.max_tokens_name: room,
            **self._endpoint,
        }
        for values in spelled.values():
            arguments.update(values)
        return _with_kwargs(arguments, profile.model_kwargs), [*notes, *thinks.notes]

    def _never(self) -> set[str]:
        """Return what the profile says that the endpoint refuses."""
        never = set[str](self._profile.drop)
        never |= set() if self._profile.temperature else {"temperature"}
        return never | (set() if self._profile.grammar else {"grammar"})

    def _spelled(self, request: Request, thinks: Thought, notes: list[str]) -> Spelled:
        """Return all that is asked for, in the order in which it is checked."""
        temperature, highest = request.temperature, self._profile.max_temperature
        if temperature is not None and temperature > highest:
            temperature = highest
            if not {"temperature"} & (self._never() | thinks.forbids):
                notes.append(f"temperature lowered to {temperature:g}")
        tools = [dict(tool) for tool in request.tools] or _tools_called(request)
        choice = request.tool_choice if request.tools else ("none" if tools else None)
        if choice == "required" and "forced tools" in thinks.forbids:
            choice = "auto"
            notes.append("tool_choice required sent as auto, for the model thinks first")
        asked: Spelled = {
            **({"temperature": {"temperature": temperature}} if temperature is not None else {}),
            **thinks.spelled,
            **({"tools": {"tools": tools}} if tools else {}),
            **({"tool_choice": {"tool_choice": choice}} if choice and tools else {}),
            **({"stop": {"stop": list(request.stop)}} if request.stop else {}),
            **({"seed": {"seed": request.seed}} if request.seed is not None else {}),
            **({"logprobs": {"logprobs": True, "top_logprobs": request.logprobs}} if request.logprobs else {}),
            **({"grammar": {"extra_body": {"grammar": request.grammar}}} if request.grammar is not None else {}),
        }
        return {name: asked[name] for name in _ORDER if name in asked}


def _tools_called(request: Request) -> list[dict[str, Any]]:
    """Return the functions that earlier answers called, for a request that offers none.

    Some endpoints refuse a dialogue with calls of functions that they are not told of.
    """
    names = {
        str(call.get("function", {}).get("name")): None for message in request.messages for call in message.tool_calls
    }
    empty = {"type": "object", "properties": {}}
    return [{"type": "function", "function": {"name": name, "description": "", "parameters": empty}} for name in names]


def _with_kwargs(arguments: Arguments, kwargs: Mapping[str, Any]) -> Arguments:
    """Return the arguments with the user's own over them; mappings, such as ``extra_body``, are joined."""
    for key, value in kwargs.items():
        before = arguments.get(key)
        joined = isinstance(before, dict) and isinstance(value, Mapping)
        arguments[key] = {**before, **value} if joined else value  # type: ignore[dict-item]
    return arguments
