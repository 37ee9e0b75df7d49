"""OpenAI's responses, to which litellm turns where a model thinks and calls functions."""

from __future__ import annotations

import json

from acceptance.models.providers.refusal import COMMANDS, WORD, Json, Refusal, absent, only, within

_KNOWN = frozenset(
    {
        *("model", "input", "instructions", "max_output_tokens", "tools", "tool_choice", "parallel_tool_calls"),
        *("reasoning", "store", "stream", "include", "text", "truncation", "metadata", "user", "temperature", "top_p"),
        *("previous_response_id", "background", "prompt_cache_key", "service_tier"),
    }
)


def answer(model: str, body: Json) -> Json:
    """Answer one request, or refuse it by the published rules."""
    only(body, _KNOWN)
    absent(body, "temperature", "top_p", model=model)
    within(body.get("max_output_tokens"), 16, 128_000, "max_output_tokens")
    items = body["input"] if isinstance(body["input"], list) else []
    called = {item["call_id"] for item in items if item.get("type") == "function_call"}
    given = {item["call_id"] for item in items if item.get("type") == "function_call_output"}
    if called != given:
        raise Refusal("No tool output found for function call.")
    calls = bool(body.get("tools")) and (not items or items[-1].get("type") != "function_call_output")
    output: list[Json] = [{"type": "reasoning", "id": "rs_1", "summary": []}]
    if calls and body.get("tool_choice") != "none":
        for i, arguments in enumerate(COMMANDS):
            call = {"type": "function_call", "name": "bash", "arguments": json.dumps(arguments), "status": "completed"}
            output.append({**call, "id": f"fc_{i}", "call_id": f"call_{i}"})
    else:
        text = {"type": "output_text", "text": WORD, "annotations": []}
        output.append({"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [text]})
    usage = {
        **{"input_tokens": 100, "output_tokens": 10, "total_tokens": 110},
        **{"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 5}},
    }
    return {"id": "resp_1", "object": "response", "created_at": 1, "model": model, "status": "completed"} | {
        **{"output": output, "usage": usage, "parallel_tool_calls": True, "tool_choice": "auto", "tools": []},
        **{"error": None, "incomplete_details": None, "instructions": None, "metadata": {}, "temperature": 1.0},
        **{"top_p": 1.0, "max_output_tokens": body.get("max_output_tokens"), "text": {"format": {"type": "text"}}},
    }
