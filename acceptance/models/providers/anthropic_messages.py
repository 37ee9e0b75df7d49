"""Anthropic's messages."""

from __future__ import annotations

import json
from typing import Any

from acceptance.models.providers import claude_rules
from acceptance.models.providers.refusal import COMMANDS, THOUGHT, WORD, Json, Refusal, only, seal, within

_KNOWN = frozenset(
    {
        *("model", "messages", "system", "max_tokens", "temperature", "top_p", "top_k", "stop_sequences", "stream"),
        *("tools", "tool_choice", "thinking", "output_config", "metadata"),
    }
)
_MARKS = 4


def answer(model: str, body: Json) -> Json:
    """Answer one request, or refuse it by the published rules."""
    only(body, _KNOWN)
    if not isinstance(body.get("max_tokens"), int):
        raise Refusal("max_tokens: Field required")
    within(body["max_tokens"], 1, 64_000 if "4-5" in model else 128_000, "max_tokens")
    claude_rules.sampling(model, body.get("temperature"), body.get("top_p"))
    choice = body.get("tool_choice") or {}
    asked = body.get("thinking")
    forced = choice.get("type") in ("any", "tool")
    thinks = claude_rules.thinking(model, asked, body["max_tokens"], body.get("temperature"), forced)
    if any(not word.strip() for word in body.get("stop_sequences") or ()):
        raise Refusal("stop_sequences: each stop sequence must contain non-whitespace")
    if choice and not body.get("tools"):
        raise Refusal("tool_choice may only be specified while providing tools")
    _marks(body)
    turns = [
        (message["role"], [_block(block) for block in _blocks(message["content"])]) for message in body["messages"]
    ]
    if turns[0][0] != "user" or any(role not in ("user", "assistant") for role, _ in turns):
        raise Refusal("messages: roles must be user and assistant, the first the user's")
    if any(block["kind"] in ("call", "result") for _, blocks in turns for block in blocks) and not body.get("tools"):
        raise Refusal("Requests which include `tool_use` or `tool_result` blocks must define tools")
    claude_rules.opening(model, turns[-1][0], thinks)
    claude_rules.results(turns)
    claude_rules.thoughts(turns, thinks, bool(asked and asked["type"] == "adaptive"))
    in_loop = any(block["kind"] == "result" for block in turns[-1][1])
    calls = bool(body.get("tools")) and not in_loop and choice.get("type") != "none"
    return _message(model, thinks=thinks, calls=calls, marked=bool(_count_marks(body)))


def _blocks(content: Any) -> list[Json]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def _block(block: Json) -> Json:
    kind = block["type"]
    if kind == "text":
        if not block["text"].strip():
            raise Refusal("messages: text content blocks must contain non-whitespace text")
        return {"kind": "text"}
    if kind == "thinking":
        only(block, ("type", "thinking", "signature"), "messages.content.")
        return {"kind": "thought", "text": block["thinking"], "signature": block["signature"]}
    if kind == "tool_use":
        return {"kind": "call", "id": block["id"]}
    if kind == "tool_result":
        return {"kind": "result", "id": block["tool_use_id"]}
    raise Refusal(f"messages.content.type: {kind}")


def _marks(body: Json) -> None:
    if _count_marks(body) > _MARKS:
        raise Refusal("A maximum of 4 blocks with cache_control may be provided.")


def _count_marks(body: Json) -> int:
    return json.dumps(body).count('"cache_control": {"type": "ephemeral"}')


def _message(model: str, *, thinks: bool, calls: bool, marked: bool) -> Json:
    content: list[Json] = []
    if thinks:
        content.append({"type": "thinking", "thinking": THOUGHT, "signature": seal(THOUGHT)})
    if calls:
        call = {"type": "tool_use", "name": "bash"}
        content += [{**call, "id": f"toolu_{i}", "input": arguments} for i, arguments in enumerate(COMMANDS)]
    else:
        content.append({"type": "text", "text": WORD})
    usage = {"input_tokens": 50, "output_tokens": 10} | (
        {"cache_read_input_tokens": 40, "cache_creation_input_tokens": 10} if marked else {}
    )
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": content} | {
        **{"stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None, "usage": usage}
    }
