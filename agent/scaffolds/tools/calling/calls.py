"""What an answer asks for: calls of tools, and calls that nobody can carry out."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from agent.models.contract import Choice


@dataclass(frozen=True)
class Call:
    """A tool called with arguments, which nobody has looked at yet."""

    name: str
    arguments: Mapping[str, Any]
    id: str = ""
    """The endpoint's name for it; empty where it stood in the answer's text."""

    def told(self, limit: int = 120) -> str:
        """Return the call in one short line."""
        words = self.arguments.get("command"), self.arguments.get("path")
        line = " ".join([self.name, *(str(word) for word in words if word)])
        line = " ".join(line.split())
        return line if len(line) <= limit else f"{line[:limit]} ..."


@dataclass(frozen=True)
class Malformed:
    """A call that cannot be carried out, and why."""

    name: str
    problem: str
    id: str = ""


def native_calls(choice: Choice) -> list[Call | Malformed]:
    """Return the calls of an answer by the endpoint's own functions."""
    return [_native(call) for call in choice.tool_calls]


def without(choice: Choice, dropped: frozenset[str]) -> Choice:
    """Return an answer without the calls of these ids; calls without one are dropped too."""
    kept = tuple(call for call in choice.tool_calls if call.get("id") and call["id"] not in dropped)
    return choice.model_copy(update={"tool_calls": kept})


def tidied(choice: Choice, number: int, known: Collection[str]) -> Choice:
    """Return an answer whose calls any endpoint takes back.

    Each has an id of its own (some endpoints give none, or the same one twice), a name without the prefix that some
    models put before it (``functions.bash``), and arguments as text. ``number`` makes ids.
    """
    ids = [call.get("id") for call in choice.tool_calls]
    own = all(ids) and len(set(ids)) == len(ids)
    calls = tuple(
        {**call, "id": call["id"] if own else f"call_{number}_{place}", **_tidied(call, known)}
        for place, call in enumerate(choice.tool_calls)
    )
    return choice if calls == choice.tool_calls else choice.model_copy(update={"tool_calls": calls})


def _tidied(call: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    function = call.get("function")
    if not isinstance(function, Mapping):
        return {}
    name, arguments = function.get("name"), function.get("arguments")
    if isinstance(name, str) and name not in known:
        bare = re.sub(r":\d+$", "", name).rpartition(".")[2].strip()
        name = bare if bare in known else name
    arguments = json.dumps(arguments) if isinstance(arguments, Mapping) else _strict(arguments)
    return {"function": {**function, "name": name, "arguments": arguments}}


def _strict(arguments: Any) -> Any:
    """Return arguments that can be read, written as JSON has it: line ends in texts, NaN and nothing are not."""
    if not isinstance(arguments, str):
        return arguments
    try:
        json.loads(arguments, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        try:
            return json.dumps(json.loads(arguments or "{}", strict=False, parse_constant=lambda name: None))
        except (ValueError, RecursionError):
            return arguments  # told as such when it is called
    return arguments


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def named(call: Call | Malformed, id: str) -> Call | Malformed:
    """Return a call under another id."""
    return replace(call, id=id)


def _native(call: Mapping[str, Any]) -> Call | Malformed:
    function = call.get("function")
    function = function if isinstance(function, Mapping) else {}
    name, raw, id = str(function.get("name") or ""), function.get("arguments"), str(call.get("id") or "")
    if not name:
        return Malformed("", "a call names no function", id)
    if isinstance(raw, Mapping):
        return Call(name, raw, id)
    try:
        arguments = json.loads(raw or "{}", strict=False)
    except (ValueError, RecursionError) as error:
        return Malformed(name, f"the arguments of `{name}` are no JSON ({error})", id)
    if not isinstance(arguments, dict):
        return Malformed(name, f"the arguments of `{name}` are no JSON object", id)
    return Call(name, arguments, id)
