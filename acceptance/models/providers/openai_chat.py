"""OpenAI's chat completions as several vendors speak them, each with its own rules."""

from __future__ import annotations

import json
from typing import Any

from acceptance.models.providers.refusal import COMMANDS, THOUGHT, WORD, Json, Refusal, absent, only, seal, within

_KNOWN = frozenset(
    {
        *("model", "messages", "temperature", "top_p", "n", "stream", "stop", "max_tokens", "max_completion_tokens"),
        *(
            "seed",
            "logprobs",
            "top_logprobs",
            "tools",
            "tool_choice",
            "parallel_tool_calls",
            "reasoning_effort",
            "user",
        ),
    }
)
_DETAILS = [{"type": "reasoning.text", "text": THOUGHT, "signature": seal(THOUGHT), "index": 0}]
_EFFORTS = {
    "gpt-5.5": ("none", "low", "medium", "high", "xhigh"),
    "gpt-5": ("minimal", "low", "medium", "high"),
    "o": ("low", "medium", "high"),
}


def answer(model: str, body: Json) -> Json:
    """Answer one request, or refuse it by the rules of whoever serves the model."""
    rules = next((rules for part, rules in _RULES if part in model), _openai)
    _messages(body["messages"])
    rules(model, body)
    return _completion(model, body)


def _messages(messages: list[Json]) -> None:
    """Refuse a dialogue whose calls of functions and their results do not belong together."""
    open_calls: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            if message.get("tool_call_id") not in open_calls:
                raise Refusal("messages with role 'tool' must be a response to a preceding message with 'tool_calls'.")
            open_calls.remove(message["tool_call_id"])
            continue
        if open_calls:
            raise Refusal("An assistant message with 'tool_calls' must be followed by tool messages to each of them.")
        open_calls = [call["id"] for call in message.get("tool_calls") or ()]
        if not open_calls and message.get("content") in (None, "", []):
            raise Refusal(f"Invalid value for 'content' of a message of role {message['role']}: it is empty.")
    if open_calls:
        raise Refusal("An assistant message with 'tool_calls' must be followed by tool messages to each of them.")


def _openai(model: str, body: Json) -> None:
    only(body, _KNOWN)
    for message in body["messages"]:
        only(message, ("role", "content", "name", "tool_calls", "tool_call_id", "refusal"), "messages.")
        for call in message.get("tool_calls") or ():
            only(call, ("id", "type", "function"), "messages.tool_calls.")
    _openai_room(model, body)
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        raise Refusal("'top_logprobs' needs 'logprobs' to be true.")
    within(body.get("top_logprobs"), 0, 20, "top_logprobs")
    within(body.get("n"), 1, 128, "n")
    if body.get("tool_choice") and not body.get("tools"):
        raise Refusal("'tool_choice' is only allowed when 'tools' are specified.")
    if "gpt-5" in model or model.startswith("o"):
        absent(body, "logprobs", "top_logprobs", "stop", "top_p", model=model)
        if body.get("temperature", 1) != 1:
            raise Refusal(
                "Unsupported value: 'temperature' does not support this value with this model. Only the default (1)."
            )
        efforts = next(words for start, words in _EFFORTS.items() if model.startswith(start))
        if body.get("reasoning_effort") not in (None, *efforts):
            raise Refusal(f"Invalid value: 'reasoning_effort': {body['reasoning_effort']}")
        if model.startswith("gpt-5.5") and body.get("tools") and body.get("reasoning_effort") not in (None, "none"):
            raise Refusal(
                f"Function tools with reasoning_effort are not supported for {model} in /v1/chat/completions."
            )
    else:
        absent(body, "reasoning_effort", model=model)
        within(body.get("temperature"), 0, 2, "temperature")


def _openai_room(model: str, body: Json) -> None:
    most = 128_000 if "gpt-5" in model else 100_000 if model.startswith("o") else 32_768
    if ("gpt-5" in model or model.startswith("o")) and "max_tokens" in body:
        raise Refusal(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'."
        )
    within(body.get("max_tokens", body.get("max_completion_tokens")), 1, most, "max_tokens")


def _deepseek(model: str, body: Json) -> None:
    within(body.get("temperature"), 0, 2, "temperature")
    within(body.get("top_logprobs"), 0, 20, "top_logprobs")
    within(body.get("max_tokens"), 1, 65_536 if "reasoner" in model else 8192, "max_tokens")
    if "reasoner" not in model:
        return
    absent(body, "logprobs", "top_logprobs", model=model)
    last_user = max(i for i, message in enumerate(body["messages"]) if message["role"] == "user")
    for message in body["messages"][last_user:]:
        if message.get("tool_calls") and not (message.get("reasoning_content") or "").strip():
            raise Refusal("The `reasoning_content` in the thinking mode must be passed back to the API.")
    for message in body["messages"]:
        if message.get("reasoning_content") and not message.get("tool_calls"):
            raise Refusal("The reasoning_content of an earlier turn is in the input messages.")


def _mistral(model: str, body: Json) -> None:
    absent(body, "seed", "n", "logprobs", "top_logprobs", "max_completion_tokens", model=model)
    within(body.get("temperature"), 0, 1.5, "temperature")
    roles = [message["role"] for message in body["messages"]]
    if roles[-1] not in ("user", "tool"):
        raise Refusal("Expected last role User or Tool for serving.")
    for call in (call for message in body["messages"] for call in message.get("tool_calls") or ()):
        if not (call["id"].isalnum() and len(call["id"]) == 9):
            raise Refusal(f"Tool call id was {call['id']} but must be a-z, A-Z, 0-9, with a length of 9.")


def _xai(model: str, body: Json) -> None:
    absent(body, "stop", "presence_penalty", "frequency_penalty", "reasoning_effort", model=model)
    within(body.get("temperature"), 0, 2, "temperature")
    within(body.get("top_logprobs"), 0, 8, "top_logprobs")


def _groq(model: str, body: Json) -> None:
    absent(body, "logprobs", "top_logprobs", model=model)
    within(body.get("n"), 1, 1, "n")
    within(body.get("temperature"), 0, 2, "temperature")
    if body.get("reasoning_effort") not in (None, "low", "medium", "high"):
        raise Refusal("`reasoning_effort` must be one of `low`, `medium` or `high`")


def _moonshot(model: str, body: Json) -> None:
    within(body.get("temperature"), 0, 1, "temperature")
    if (body.get("n") or 1) > 1 and body.get("temperature", 1) < 0.3:
        raise Refusal("invalid temperature: only n = 1 is allowed near temperature 0")
    if body.get("tool_choice") == "required":
        raise Refusal("tool_choice 'required' is not supported")
    absent(body, "reasoning_effort", model=model)


def _openrouter_claude(model: str, body: Json) -> None:
    """Refuse what OpenRouter says that Claude refuses; a thought comes and goes as ``reasoning_details``."""
    within(body.get("temperature"), 0, 1, "temperature")
    thinks = body.get("reasoning_effort") not in (None, "none")
    if thinks and body.get("temperature") not in (None, 1):
        raise Refusal("`temperature` may only be set to 1 when thinking is enabled")
    if thinks and body["messages"][-1]["role"] == "tool":
        last = next(message for message in reversed(body["messages"]) if message["role"] == "assistant")
        if last.get("reasoning_details") != _DETAILS:
            raise Refusal("Expected `thinking` or `redacted_thinking`, but found `tool_use`.")
    if str(body["messages"]).count("cache_control") > 4:
        raise Refusal("A maximum of 4 blocks with cache_control may be provided.")


def _qwen(model: str, body: Json) -> None:
    """Refuse what vLLM, and what OpenRouter and DashScope in front of it, refuse."""
    within(body.get("temperature"), 0, 2, "temperature")
    within(body.get("top_logprobs"), 0, 20, "top_logprobs")
    if body.get("tool_choice") and not body.get("tools"):
        raise Refusal("When using `tool_choice`, `tools` must be set.")
    if body.get("reasoning_effort") not in (None, "none", "low", "medium", "high"):
        raise Refusal(f"reasoning_effort: {body['reasoning_effort']} is not one of them")


_RULES: tuple[tuple[str, Any], ...] = (
    ("deepseek-v3", _qwen),
    ("deepseek", _deepseek),
    ("mistral", _mistral),
    ("devstral", _mistral),
    ("grok", _xai),
    ("gpt-oss", _groq),
    ("kimi", _moonshot),
    ("qwen", _qwen),
    ("claude", _openrouter_claude),
    ("Qwen", _qwen),
    ("DeepSeek", _qwen),
    ("glm", _qwen),
)
"""Part of a model's name -> the rules of who serves it."""


def _completion(model: str, body: Json) -> Json:
    calls = bool(body.get("tools")) and body["messages"][-1]["role"] != "tool" and body.get("tool_choice") != "none"
    message: Json = {"role": "assistant", "content": None if calls else WORD}
    if "reasoner" in model or "thinking" in model or body.get("reasoning_effort") not in (None, "none"):
        message["reasoning_content"] = THOUGHT
        if "claude" in model:
            message["reasoning_details"] = _DETAILS
    if calls:
        functions = [{"name": "bash", "arguments": json.dumps(arguments)} for arguments in COMMANDS]
        message["tool_calls"] = [
            {"id": f"call{i}abcd", "type": "function", "function": function} for i, function in enumerate(functions)
        ]
    alternatives = [{"token": "NO", "logprob": -2.0, "bytes": None}]
    token = {"token": WORD, "logprob": -0.1, "bytes": None, "top_logprobs": alternatives}
    choice = {"message": message, "finish_reason": "tool_calls" if calls else "stop"}
    if body.get("logprobs"):
        choice["logprobs"] = {"content": [token]}
    choices = [{"index": i, **choice} for i in range(body.get("n") or 1)]
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    told = {"id": "1", "object": "chat.completion", "created": 1, "model": model, "service_tier": "default"}
    return {**told, "choices": choices, "usage": usage}
