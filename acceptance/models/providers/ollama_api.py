"""ollama's generate and chat."""

from __future__ import annotations

from acceptance.models.providers.refusal import COMMANDS, THOUGHT, WORD, Json, Refusal, only

_OPTIONS = ("num_ctx", "num_predict", "temperature", "seed", "stop", "top_p", "top_k", "repeat_penalty")
_CHAT = ("model", "messages", "tools", "format", "options", "stream", "keep_alive", "think")
_GENERATE = ("model", "prompt", "suffix", "images", "format", "options", "system", "template", "stream", "raw", "think")
NEEDED_WINDOW = 8192
"""Tokens below which ollama would cut what Runoff shows, and say nothing."""


def answer(path: str, model: str, body: Json) -> Json:
    """Answer one request, or refuse it by the published rules."""
    if path.endswith("/show"):
        return {
            "template": "{{ .Tools }}",
            "model_info": {"general.architecture": "qwen2", "qwen2.context_length": 32768},
        }
    chat = path.endswith("/chat")
    only(body, _CHAT if chat else _GENERATE)
    options = body.get("options") or {}
    only(options, _OPTIONS, "options.")
    if options.get("num_ctx", 4096) < NEEDED_WINDOW:
        raise Refusal("the prompt would be cut at 4096 tokens")
    if body.get("think") and "qwen3" not in model:
        raise Refusal(f'"{model}" does not support thinking')
    counts = {"prompt_eval_count": 100, "eval_count": 10, "done": True, "done_reason": "stop"}
    told = {"model": model, "created_at": "2026-01-01T00:00:00Z", **counts}
    if not chat:
        return {**told, "response": WORD}
    calls = bool(body.get("tools")) and body["messages"][-1]["role"] != "tool"
    message: Json = {"role": "assistant", "content": "" if calls else WORD}
    if body.get("think"):
        message["thinking"] = THOUGHT
    if calls:
        message["tool_calls"] = [{"function": {"name": "bash", "arguments": arguments}} for arguments in COMMANDS]
    return {**told, "message": message}
