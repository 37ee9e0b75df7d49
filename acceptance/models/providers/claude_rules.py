"""The rules of Claude's models, the same at Anthropic's own endpoint and at Bedrock's."""

from __future__ import annotations

from collections.abc import Sequence

from acceptance.models.providers.refusal import Json, Refusal, seal, within

_NO_SAMPLING = ("opus-4-7", "opus-4-8", "sonnet-5", "opus-5")
_ADAPTIVE = ("opus-4-6", "sonnet-4-6", *_NO_SAMPLING)


def sampling(model: str, temperature: float | None, top_p: float | None) -> None:
    """Refuse a temperature that a model does not take."""
    if any(part in model for part in _NO_SAMPLING) and (temperature is not None or top_p is not None):
        raise Refusal("`temperature` and `top_p` are not supported for this model")
    within(temperature, 0, 1, "temperature")


def thinking(model: str, asked: Json | None, room: int, temperature: float | None, forced: bool) -> bool:
    """Refuse a thought that is not asked for as its model wants it; tell whether the model thinks."""
    if not asked or asked["type"] == "disabled":
        return False
    if asked["type"] == "enabled":
        if any(part in model for part in _NO_SAMPLING):
            raise Refusal("thinking.type: 'enabled' is not supported for this model; use 'adaptive'")
        if not 1024 <= asked["budget_tokens"] < room:
            raise Refusal("thinking.budget_tokens must be at least 1024 and less than max_tokens")
    elif not any(part in model for part in _ADAPTIVE):
        raise Refusal("thinking.type: 'adaptive' is not supported for this model")
    if temperature not in (None, 1):
        raise Refusal("`temperature` may only be set to 1 when thinking is enabled")
    if forced:
        raise Refusal("Thinking may not be enabled when tool_choice forces tool use.")
    return True


def opening(model: str, last_role: str, thinks: bool) -> None:
    """Refuse an answer's opening that a model does not take."""
    if last_role == "assistant" and (thinks or any(part in model for part in _ADAPTIVE)):
        raise Refusal("This model does not support assistant message prefill; the last message must be a user's.")


def thoughts(turns: Sequence[tuple[str, Sequence[Json]]], thinks: bool, adaptive: bool) -> None:
    """Refuse a running tool loop whose thoughts are missing or were changed.

    ``turns``: roles with their blocks, each of kind ``thought`` (text, signature), ``call`` or another.
    """
    for _, blocks in turns:
        for block in blocks:
            if block["kind"] == "thought" and block["signature"] != seal(block["text"]):
                raise Refusal("Invalid `signature` in `thinking` block")
    in_loop = turns[-1][0] == "user" and any(block["kind"] == "result" for block in turns[-1][1])
    if not (thinks and in_loop and not adaptive):
        return
    if turns[-2][1][0]["kind"] != "thought":
        raise Refusal("Expected `thinking` or `redacted_thinking`, but found `tool_use`.")


def results(turns: Sequence[tuple[str, Sequence[Json]]]) -> None:
    """Refuse calls of functions whose results do not stand in the next message, and results without calls."""
    for (_, blocks), after in zip(turns, [*turns[1:], None], strict=True):
        called = {block["id"] for block in blocks if block["kind"] == "call"}
        given = {block["id"] for block in after[1] if block["kind"] == "result"} if after else set()
        if called != given:
            raise Refusal("`tool_use` ids were found without `tool_result` blocks immediately after, or the reverse")
