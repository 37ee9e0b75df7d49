"""Gemini's generateContent."""

from __future__ import annotations

from acceptance.models.providers.refusal import COMMANDS, THOUGHT, WORD, Json, Refusal, only, seal, within

_KNOWN = (
    "contents",
    "system_instruction",
    "systemInstruction",
    "generationConfig",
    "tools",
    "toolConfig",
    "safetySettings",
)
_CONFIG = frozenset(
    {
        *("temperature", "topP", "topK", "maxOutputTokens", "stopSequences", "candidateCount", "seed"),
        *("thinkingConfig", "responseMimeType", "responseLogprobs", "logprobs"),
    }
)


def answer(model: str, body: Json) -> Json:
    """Answer one request, or refuse it by the published rules."""
    only(body, _KNOWN)
    config = {_camel(key): value for key, value in (body.get("generationConfig") or {}).items()}
    only(config, _CONFIG, "generation_config.")
    within(config.get("temperature"), 0, 2, "temperature")
    within(config.get("maxOutputTokens"), 1, 65_536, "max_output_tokens")
    within(config.get("candidateCount"), 1, 8, "candidate_count")
    if config.get("responseLogprobs") or config.get("logprobs"):
        raise Refusal(f"Logprobs is not enabled for models/{model}")
    thinks = _thinks(model, config.get("thinkingConfig") or {})
    _contents(model, body["contents"])
    mode = ((body.get("toolConfig") or {}).get("functionCallingConfig") or {}).get("mode")
    in_loop = any("functionResponse" in _keys(part) for part in body["contents"][-1]["parts"])
    calls = bool(body.get("tools")) and not in_loop and mode != "NONE"
    candidate = {"content": {"role": "model", "parts": _parts(thinks, calls)}, "finishReason": "STOP"}
    usage = {"promptTokenCount": 100, "candidatesTokenCount": 10, "totalTokenCount": 110, "thoughtsTokenCount": 5}
    count = config.get("candidateCount") or 1
    return {
        "candidates": [{**candidate, "index": i} for i in range(count)],
        "usageMetadata": usage,
        "modelVersion": model,
    }


def _thinks(model: str, asked: Json) -> bool:
    if asked.get("thinkingLevel") is not None and asked.get("thinkingBudget") is not None:
        raise Refusal("thinking_level and thinking_budget cannot both be set")
    if "gemini-3" not in model and asked.get("thinkingLevel") is not None:
        raise Refusal("Thinking level is not supported for this model.")
    if asked.get("thinkingLevel") not in (None, "low", "medium", "high", "LOW", "MEDIUM", "HIGH"):
        raise Refusal(f"thinking_level: {asked['thinkingLevel']} is not supported for this model")
    budget = asked.get("thinkingBudget")
    if "pro" in model and budget == 0:
        raise Refusal("Budget 0 is invalid. This model only works in thinking mode.")
    return True


def _contents(model: str, contents: list[Json]) -> None:
    """Refuse roles that do not alternate, calls without as many results, and calls without their thought's seal."""
    before: Json | None = None
    for content in contents:
        if content["role"] not in ("user", "model"):
            raise Refusal(f"Please use a valid role: user, model; got {content['role']}")
        if before and before["role"] == content["role"]:
            raise Refusal("Please ensure that multiturn requests alternate between user and model.")
        if not content["parts"] or any(part.get("text") == "" for part in content["parts"]):
            raise Refusal("Unable to submit request because it must have a text parameter.")
        called = sum("functionCall" in _keys(part) for part in before["parts"]) if before else 0
        given = sum("functionResponse" in _keys(part) for part in content["parts"])
        if given != called:
            raise Refusal("the number of function response parts must equal the number of function call parts")
        calls = [part for part in content["parts"] if "functionCall" in _keys(part)]
        if "gemini-3" in model and calls and calls[0].get("thoughtSignature") != seal(THOUGHT):
            raise Refusal("Function call is missing a thought_signature in functionCall parts.")
        before = content
    if contents[-1]["role"] != "user":
        raise Refusal("Please ensure that the last turn is the user's.")


def _parts(thinks: bool, calls: bool) -> list[Json]:
    parts: list[Json] = [{"text": THOUGHT, "thought": True}] if thinks else []
    if not calls:
        return [*parts, {"text": WORD}]
    # of three calls the last two are alike, and calls have no ids
    commands = (*COMMANDS, COMMANDS[-1])
    first, *others = [{"functionCall": {"name": "bash", "args": arguments}} for arguments in commands]
    return [*parts, {**first, "thoughtSignature": seal(THOUGHT)}, *others]


def _keys(part: Json) -> set[str]:
    return {_camel(key) for key in part}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
