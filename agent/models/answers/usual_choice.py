"""One choice of a chat completion in the usual form, whatever the types of its parts.

What is no text where a text must be, no list where a list must be, is read as what it plainly says, or left out: one
part of another type must not cost an answer that is paid.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]

_TEXTS = ("reasoning", "refusal", "name", "reasoning_text")
_LISTS = ("thinking_blocks", "annotations", "images", "reasoning_details")
_OBJECTS = ("audio", "provider_specific_fields")
_READ_HERE = ("tool_calls", "function_call", "reasoning_content", "content", "role")


def usual_choice(choice: Json) -> Json:
    """Return a choice whose parts have the types that they should have."""
    message = choice.get("message")
    if isinstance(message, str):
        message = {"content": message}
    message = message if isinstance(message, dict) else {"content": choice.get("text")}
    usual = _typed({key: value for key, value in message.items() if key not in _READ_HERE})
    content = message.get("content")
    number = isinstance(content, int | float) and not isinstance(content, bool)
    parts = content if isinstance(content, list) else [str(content) if number else content]
    thoughts = _texts([message.get("reasoning_content"), *(part for part in parts if _is_thought(part))])
    usual["role"] = "assistant"
    usual["content"] = "".join(_texts(part for part in parts if not _is_thought(part)))
    if thoughts:
        usual["reasoning_content"] = "\n".join(thoughts)
    if calls := _calls(message):
        usual["tool_calls"] = calls
    reason = choice.get("finish_reason")
    kept = {**choice, "message": usual, "finish_reason": reason if isinstance(reason, str) else None}
    if message.get("refusal") and not usual["content"]:
        kept["finish_reason"] = "content_filter"
    return kept


def _typed(message: Json) -> Json:
    """Return a message's other parts without those of another type than they should have."""
    kinds = {**dict.fromkeys(_TEXTS, str), **dict.fromkeys(_LISTS, list), **dict.fromkeys(_OBJECTS, dict)}
    return {key: value for key, value in message.items() if value is None or isinstance(value, kinds.get(key, object))}


def _calls(message: Json) -> list[Json]:
    """Return the calls of functions; a single one may stand without a list, or as the older interface had it."""
    calls = message.get("tool_calls")
    if isinstance(calls, dict):
        calls = [calls]
    if not calls and isinstance(message.get("function_call"), dict):
        calls = [{"type": "function", "function": message["function_call"]}]
    return [_call(one) for one in calls if isinstance(one, dict)] if isinstance(calls, list) else []


def _call(call: Json) -> Json:
    function = call.get("function")
    if not isinstance(function, dict):  # some spell a call without the inner object
        named = {"name": function} if isinstance(function, str) else {}
        function = {**named, **{key: call[key] for key in ("name", "arguments") if key in call}}
    arguments, name, id = function.get("arguments"), function.get("name"), call.get("id")
    if arguments is not None and not isinstance(arguments, str):
        arguments = json.dumps(arguments)
    usual: Json = {"name": name if isinstance(name, str) else "", "arguments": arguments or ""}
    return {"type": "function", **({"id": str(id)} if id is not None and id != "" else {}), "function": usual}


def _is_thought(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") in ("thinking", "reasoning", "redacted_thinking")


def _texts(parts: Iterable[Any]) -> list[str]:
    """Return the texts of content parts, which may hold parts themselves."""
    texts: list[str] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict):
            texts += _texts(part.get(key) for key in ("text", "thinking", "reasoning", "value") if part.get(key))
        elif isinstance(part, list):
            texts += _texts(part)
    return texts
