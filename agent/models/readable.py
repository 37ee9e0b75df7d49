"""Answers of OpenAI-compatible endpoints in the one form that litellm reads.

Endpoints answer with status 200 and lists of parts, a null message, null choices, an error inside, or an event
stream that nobody asked for. What can be read is read here, once, between the connection and litellm; what cannot
goes on as it is, and litellm says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import httpx

Json = dict[str, Any]


class UnreadableBody(Exception):
    """An answer of success that is no JSON object; says how it begins."""


class ReadableClient(httpx.Client):
    """An HTTP client whose chat completions have the usual form."""

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request; see httpx."""
        return readable(super().send(request, **options))


class ReadableTransport(httpx.BaseTransport):
    """The same for clients that take a transport; shared by many, so that closing one of them closes nothing."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; see httpx."""
        response = self._inner.handle_request(request)
        response.request = request
        return readable(response)


def readable(response: httpx.Response) -> httpx.Response:
    """Return a chat completion in the usual form; what is no chat completion's answer as it came.

    Raises UnreadableBody where an endpoint answers with success and something else, such as a page of a gateway's.
    """
    if response.status_code != 200 or not response.request.url.path.endswith("/chat/completions"):
        return response
    content = response.read()
    body = _joined(content) if content.lstrip()[:5] in (b"data:", b"event") else _object(content)
    if body is None:
        start = " ".join(content[:300].decode("utf-8", "replace").split())
        raise UnreadableBody(f"it answers with {start[:160]!r}" if start else "it answers with nothing")
    status, usual = _usual(body)
    kept = [(k, v) for k, v in response.headers.raw if k.lower() not in (b"content-length", b"content-encoding")]
    headers = [(k, v) for k, v in kept if k.lower() not in (b"content-type", b"transfer-encoding")]
    return httpx.Response(
        status,
        headers=[*headers, (b"content-type", b"application/json")],
        content=json.dumps(usual).encode(),
        request=response.request,
        extensions={key: value for key, value in response.extensions.items() if key != "network_stream"},
    )


def _usual(body: Json) -> tuple[int, Json]:
    """Return the status and the body that the endpoint should have sent."""
    error = body.get("error")
    if error and not body.get("choices"):
        told = error if isinstance(error, dict) else {"message": str(error)}
        code = told.get("code")
        return (code if isinstance(code, int) and 400 <= code < 600 else 502), {"error": told}
    choices = body.get("choices")
    if "choices" not in body and "object" not in body:
        return 200, body
    usage = body.get("usage")
    counted = isinstance(usage, dict) and isinstance(usage.get("prompt_tokens"), int)
    usual = {**body, "choices": [_choice(one) for one in choices if isinstance(one, dict)] if choices else []}
    return 200, usual if counted else {key: value for key, value in usual.items() if key != "usage"}


def _choice(choice: Json) -> Json:
    message = choice.get("message")
    message = message if isinstance(message, dict) else {"role": "assistant", "content": choice.get("text")}
    content = message.get("content")
    if isinstance(content, list):
        thoughts = "\n".join(_texts(part for part in content if _is_thought(part)))
        message = {**message, "content": "".join(_texts(part for part in content if not _is_thought(part)))}
        if thoughts:
            message.setdefault("reasoning_content", thoughts)
    return {**choice, "message": message}


def _is_thought(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") in ("thinking", "reasoning", "redacted_thinking")


def _texts(parts: Iterable[Any]) -> Iterable[str]:
    """Yield the texts of content parts, which may hold parts themselves."""
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            inner = part.get("text") or part.get("thinking") or part.get("reasoning")
            yield from _texts(inner if isinstance(inner, list) else [inner or ""])


def _object(content: bytes) -> Json | None:
    try:
        body = json.loads(content)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _joined(content: bytes) -> Json | None:
    """Return the completion that an event stream spells; None where it is no such stream."""
    lines = content.decode("utf-8", "replace").splitlines()
    data = [line.removeprefix("data:").strip() for line in lines if line.startswith("data:")]
    chunks = [chunk for text in data if text != "[DONE]" and (chunk := _object(text.encode())) is not None]
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
