"""An event stream that nobody asked for, joined into the completion that it spells."""

from __future__ import annotations

import json

from agent.models.answers.usual_choice import Json
from agent.models.answers.usual_form import json_object

MOST = 1000
"""Choices of an answer, and calls of a choice, that are told apart."""


def is_stream(content: bytes) -> bool:
    """Tell whether a body is an event stream; comments may come before its first event."""
    return content.lstrip()[:5] in (b"data:", b"event") or content.lstrip()[:1] == b":"


def joined(content: bytes) -> Json | None:
    """Return the completion that an event stream spells; None where it is no such stream."""
    lines = content.decode("utf-8", "replace").splitlines()
    data = [line.removeprefix("data:").strip() for line in lines if line.startswith("data:")]
    chunks = [chunk for text in data if text != "[DONE]" and (chunk := json_object(text.encode())) is not None]
    if not chunks:
        return None
    body: Json = {**chunks[0], "object": "chat.completion"}
    choices: dict[int, Json] = {}
    for chunk in chunks:
        body |= {key: chunk[key] for key in ("usage", "error") if chunk.get(key)}
        pieces = chunk.get("choices")
        for piece in pieces if isinstance(pieces, list) else []:
            if isinstance(piece, dict):
                index = _index(piece)
                _add(choices.setdefault(index, _blank(index)), piece)
    return {**body, "choices": [choices[index] for index in sorted(choices)]}


def _index(piece: Json) -> int:
    """Return which of several a piece belongs to: the first one where it says nothing that can be believed."""
    index = piece.get("index")
    return index if isinstance(index, int) and 0 <= index < MOST else 0


def _blank(index: int) -> Json:
    return {"index": index, "finish_reason": None, "message": {"role": "assistant", "content": ""}}


def _add(choice: Json, piece: Json) -> None:
    """Append a chunk's piece of a choice."""
    delta, message = piece.get("delta") or piece.get("message") or {}, choice["message"]
    if isinstance(delta, str):
        delta = {"content": delta}
    if not isinstance(delta, dict):
        return
    for key in ("content", "reasoning_content"):
        if isinstance(delta.get(key), str):
            message[key] = message.get(key, "") + delta[key]
    called = delta.get("tool_calls")
    for call in called if isinstance(called, list) else []:
        if isinstance(call, dict):
            _add_call(message.setdefault("tool_calls", []), call)
    choice["finish_reason"] = piece.get("finish_reason") or choice["finish_reason"]


def _add_call(calls: list[Json], call: Json) -> None:
    """Append a chunk's piece of a call; one with an id of its own and no index is a call of its own."""
    index = _index(call)
    if not isinstance(call.get("index"), int) and calls:
        index = len(calls) - (not call.get("id") or call["id"] == calls[-1]["id"])
    while len(calls) <= index:
        calls.append({"id": "", "type": "function", "function": {"name": "", "arguments": ""}})
    told = call.get("function")
    known, told = calls[index], told if isinstance(told, dict) else {}
    known["id"] = known["id"] or call.get("id") or ""
    for key in ("name", "arguments"):
        value = told.get(key) or ""
        known["function"][key] += value if isinstance(value, str) else json.dumps(value)
