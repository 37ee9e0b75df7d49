"""Calls of functions that stand in an answer's text, in a model's own form: its server did not read them.

<tool_call>{"name": "bash", "arguments": {"command": "ls"}}</tool_call>         Hermes, Qwen
<function=bash><parameter=command>ls</parameter></function>                     Qwen's coders; Llama with JSON inside
<tool_call>bash<arg_key>command</arg_key><arg_value>ls</arg_value></tool_call>  GLM
[TOOL_CALLS][{"name": "bash", "arguments": {"command": "ls"}}]                  Mistral
"""

from __future__ import annotations

import json
import re
from typing import Any

Json = dict[str, Any]

_TAGGED = re.compile(
    r"<tool_call>(?P<inside>.*?)(?:</tool_call>|(?=<tool_call>)|\Z)"
    r"|<function=(?P<name>[^>\s]+)>(?P<body>.*?)(?:</function>|(?=<function=)|\Z)"
    r"|\[TOOL_CALLS\]\s*(?P<listed>\[.*)\Z",
    re.DOTALL,
)
_FUNCTION = re.compile(r"<function=(?P<name>[^>\s]+)>(?P<body>.*?)(?:</function>|\Z)", re.DOTALL)
_PARAMETER = re.compile(
    r"<parameter=(?P<key>[^>\s]+)>\n?(?P<value>.*?)\n?(?:</parameter>|(?=<parameter=)|\Z)", re.DOTALL
)
_PAIR = re.compile(r"<arg_key>(?P<key>[^<]*)</arg_key>\s*<arg_value>(?P<value>.*?)(?:</arg_value>|\Z)", re.DOTALL)
_NAME = re.compile(r'"name"\s*:\s*"([^"]+)"')


def calls_in_text(text: str) -> tuple[str, tuple[Json, ...]]:
    """Return the text without its calls, and the calls in OpenAI's form, without ids; what is no JSON stays."""
    calls = [call for found in _TAGGED.finditer(text) for call in _calls(found)]
    return (_TAGGED.sub("", text).strip(), tuple(calls)) if calls else (text, ())


def _calls(found: re.Match[str]) -> list[Json]:
    if found["name"]:
        return [_of_a_function(found["name"], found["body"])]
    if found["listed"]:
        return _listed(found["listed"])
    inside = found["inside"].strip()
    if functions := [_of_a_function(one["name"], one["body"]) for one in _FUNCTION.finditer(inside)]:
        return functions
    if inside.startswith("{"):
        return [_of_json(inside)]
    name, _, rest = inside.partition("<arg_key>")
    if re.fullmatch(r"[\w.:-]+", name.strip()):
        return [
            _call(name.strip(), {pair["key"].strip(): pair["value"] for pair in _PAIR.finditer(f"<arg_key>{rest}")})
        ]
    return []


def _of_a_function(name: str, body: str) -> Json:
    if parameters := list(_PARAMETER.finditer(body)):
        return _call(name, {one["key"]: one["value"] for one in parameters})
    return _call(name, body.strip() or "{}")


def _of_json(text: str) -> Json:
    try:
        read = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        named = _NAME.search(text)
        return _call(named[1] if named else "", text)
    return _read(read)


def _listed(text: str) -> list[Json]:
    try:
        read = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return [_of_json(text)]
    return [_read(one) for one in read if isinstance(one, dict)]


def _read(call: Json) -> Json:
    inner = call.get("function")
    call = inner if isinstance(inner, dict) else call
    return _call(str(call.get("name") or inner or ""), call.get("arguments", call.get("parameters", {})))


def _call(name: str, arguments: Any) -> Json:
    spelled = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {"type": "function", "function": {"name": name, "arguments": spelled}}
