"""An event stream that nobody asked for, joined into the completion that it spells."""

from __future__ import annotations

from agent.models.answers.usual_form import Json, json_object


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
        for piece in chunk.get("choices") or []:
            _add(choices.setdefault(piece.get("index", 0), _blank(piece.get("index", 0))), piece)
    return {**body, "choices": [choices[index] for index in sorted(choices)]}


def _blank(index: int) -> Json:
    return {"index": index, "finish_reason": None, "message": {"role": "assistant", "content": ""}}


def _add(choice: Json, piece: Json) -> None:
    """Append a chunk's piece of a choice."""
    delta, message = piece.get("delta") or piece.get("message") or {}, choice["message"]
    for key in ("content", "reasoning_content"):
        if isinstance(delta.get(key), str):
            message[key] = message.get(key, "") + delta[key]
    for call in delta.get("tool_calls") or []:
        calls = message.setdefault("tool_calls", [])
        while len(calls) <= call.get("index", 0):
            calls.append({"id": "", "type": "function", "function": {"name": "", "arguments": ""}})
        known, told = calls[call.get("index", 0)], call.get("function") or {}
        known["id"] = known["id"] or call.get("id") or ""
        for key in ("name", "arguments"):
            known["function"][key] += told.get(key) or ""
    choice["finish_reason"] = piece.get("finish_reason") or choice["finish_reason"]
