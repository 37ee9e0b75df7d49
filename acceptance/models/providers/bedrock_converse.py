"""Bedrock's converse."""

from __future__ import annotations

import json
from itertools import pairwise

from acceptance.models.providers import claude_rules
from acceptance.models.providers.refusal import COMMANDS, THOUGHT, WORD, Json, Refusal, only, seal, within

_KNOWN = (
    *("messages", "system", "inferenceConfig", "toolConfig", "additionalModelRequestFields"),
    *("additionalModelResponseFieldPaths", "modelId", "serviceTier"),
)
_MARKS = 4


def answer(model: str, body: Json) -> Json:
    """Answer one request, or refuse it by the published rules."""
    only(body, _KNOWN)
    config = body.get("inferenceConfig") or {}
    only(config, ("maxTokens", "temperature", "topP", "stopSequences"), "inferenceConfig.")
    within(config.get("temperature"), 0, 1, "temperature")
    fields = body.get("additionalModelRequestFields") or {}
    choice = (body.get("toolConfig") or {}).get("toolChoice") or {}
    thinks = False
    if "claude" in model:
        only(fields, ("thinking", "output_config", "top_k", "anthropic_beta"), "additionalModelRequestFields.")
        claude_rules.sampling(model, config.get("temperature"), config.get("topP"))
        forced = "any" in choice or "tool" in choice
        room = config.get("maxTokens", 4096)
        thinks = claude_rules.thinking(model, fields.get("thinking"), room, config.get("temperature"), forced)
    elif fields:
        raise Refusal(f"extraneous key {sorted(fields)} is not permitted")
    if json.dumps(body).count('"cachePoint"') > _MARKS:
        raise Refusal("You have exceeded the maximum number of cachePoint blocks: 4")
    turns = [(message["role"], [_block(block) for block in message["content"]]) for message in body["messages"]]
    _turns(model, turns, body, thinks, fields)
    in_loop = any(block["kind"] == "result" for block in turns[-1][1])
    calls = bool((body.get("toolConfig") or {}).get("tools")) and not in_loop
    return _output(thinks=thinks, calls=calls)


def _turns(model: str, turns: list[tuple[str, list[Json]]], body: Json, thinks: bool, fields: Json) -> None:
    roles = [role for role, _ in turns]
    if roles[0] != "user" or any(a == b for a, b in pairwise(roles)):
        raise Refusal("A conversation must alternate between user and assistant roles, and start with a user message.")
    if any(block["kind"] in ("call", "result") for _, blocks in turns for block in blocks) and not body.get(
        "toolConfig"
    ):
        raise Refusal("The toolConfig field must be defined when using toolUse and toolResult content blocks.")
    claude_rules.results(turns)
    if "claude" in model:
        claude_rules.opening(model, roles[-1], thinks)
        adaptive = (fields.get("thinking") or {}).get("type") == "adaptive"
        claude_rules.thoughts(turns, thinks, adaptive)


def _block(block: Json) -> Json:
    if "text" in block:
        if not block["text"].strip():
            raise Refusal("The text field in the ContentBlock object is blank.")
        return {"kind": "text"}
    if "cachePoint" in block:
        return {"kind": "mark"}
    if "reasoningContent" in block:
        inner = block["reasoningContent"]["reasoningText"]
        return {"kind": "thought", "text": inner["text"], "signature": inner.get("signature")}
    if "toolUse" in block:
        return {"kind": "call", "id": block["toolUse"]["toolUseId"]}
    if "toolResult" in block:
        return {"kind": "result", "id": block["toolResult"]["toolUseId"]}
    raise Refusal(f"ContentBlock: {sorted(block)}")


def _output(*, thinks: bool, calls: bool) -> Json:
    content: list[Json] = []
    if thinks:
        content.append({"reasoningContent": {"reasoningText": {"text": THOUGHT, "signature": seal(THOUGHT)}}})
    if calls:
        tools = [{"name": "bash", "input": arguments} for arguments in COMMANDS]
        content += [{"toolUse": {**tool, "toolUseId": f"tooluse_{i}"}} for i, tool in enumerate(tools)]
    else:
        content.append({"text": WORD})
    usage = {"inputTokens": 100, "outputTokens": 10, "totalTokens": 110}
    message = {"role": "assistant", "content": content}
    stop = "tool_use" if calls else "end_turn"
    return {"output": {"message": message}, "stopReason": stop, "usage": usage, "metrics": {"latencyMs": 1}}
