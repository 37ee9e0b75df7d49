"""What a model can do, found out by one small call of each kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from agent.models.contract import Choice, Completion, Message, Model, ModelError, ModelUnusable, Request, Usage

_ADD = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "Add two whole numbers.",
        "parameters": {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
            "required": ["a", "b"],
        },
    },
}
ROOM = 64
"""Tokens of an answer; a model's thought has room of its own beside it."""
SHORT = 16
"""Tokens of an answer that is to be cut: some vendors take no fewer."""


@dataclass(frozen=True)
class Finding:
    """What one call told."""

    kind: str
    able: bool
    said: str
    """In a few words."""
    usage: Usage = field(default_factory=Usage)
    cost: float | None = 0.0
    failed: bool = False
    """The call came to no answer: what the model can do is not told by it."""


@dataclass(frozen=True)
class _Probe:
    kind: str
    request: Request
    reads: Callable[[Completion], tuple[bool, str]]


def check_up(model: Model, thought: int = 0) -> Iterator[Finding]:
    """Make the calls one after the other, and yield what each tells.

    ``thought``: the tokens that the model may think for, beside each answer. A call that is refused is a finding.
    Raises ModelUnusable where every call would fail, and ModelError where the first one found nobody.
    """
    for probe in _PROBES:
        room = probe.request.max_tokens + (0 if probe.kind == "cut answer" else thought)
        try:
            completion = model.complete(replace(probe.request, max_tokens=room))
        except ModelUnusable:
            raise
        except ModelError as error:
            if type(error) is ModelError and probe.kind == _PROBES[0].kind:
                raise
            paid = error.paid or Usage()
            cost = error.paid_cost if error.paid else 0.0
            yield Finding(probe.kind, False, str(error), paid, cost, failed=True)
            continue
        able, said = probe.reads(completion)
        yield Finding(probe.kind, able, said, completion.usage, completion.cost)


def _ask(text: str) -> list[Message]:
    return [Message(role="user", content=text)]


def _noted(completion: Completion, name: str) -> str:
    """Return what the model was not asked of ``name``, empty where it was asked all."""
    return "; ".join(note for note in completion.notes if note.startswith(name))


def _chat(completion: Completion) -> tuple[bool, str]:
    choice = completion.choices[0]
    words = " ".join(choice.content.split())
    return bool(words), f"answered {words[:40]!r} in {completion.latency:.1f} s" if words else _empty(choice)


def _empty(choice: Choice) -> str:
    return f"an empty answer ({choice.finish_reason})"


def _parameter(name: str) -> Callable[[Completion], tuple[bool, str]]:
    def read(completion: Completion) -> tuple[bool, str]:
        note = _noted(completion, name)
        return "dropped" not in note, note or "taken"

    return read


def _tools(completion: Completion) -> tuple[bool, str]:
    if note := _noted(completion, "tools"):
        return False, note
    calls = [call for choice in completion.choices for call in choice.tool_calls]
    if not calls:
        return False, "answered in words instead of a call"
    function = calls[0].get("function", {})
    try:
        values = json.loads(function.get("arguments") or "")
    except ValueError:
        return False, "called with arguments that are no JSON"
    right = function.get("name") == "add" and isinstance(values, dict) and {"a", "b"} <= values.keys()
    return right, "called as it was told to" if right else "called something else"


def _logprobs(completion: Completion) -> tuple[bool, str]:
    if note := _noted(completion, "logprobs"):
        return False, note
    tokens = completion.choices[0].logprobs
    return bool(tokens), f"of {len(tokens)} tokens" if tokens else "taken, and not answered"


def _several(completion: Completion) -> tuple[bool, str]:
    note = "; ".join(note for note in completion.notes if note.startswith(("n ", "n emulated")))
    return not note, note or f"{len(completion.choices)} answers of one call"


def _reasoning(completion: Completion) -> tuple[bool, str]:
    choice, written = completion.choices[0], completion.usage.completion_tokens
    if choice.reasoning or choice.thinking:
        return True, f"shows its thought, {written} tokens with the answer"
    hidden = written > 3 * (len(choice.content) // 3 + 8)
    return hidden, f"thinks unseen: {written} tokens for {len(choice.content)} characters" if hidden else "none seen"


def _cut(completion: Completion) -> tuple[bool, str]:
    reason = completion.choices[0].finish_reason
    return reason == "length", "told as cut" if reason == "length" else f"told as {reason!r}"


_PROBES = (
    _Probe("chat", Request(_ask("Answer with the one word: ready"), max_tokens=ROOM), _chat),
    _Probe("temperature", Request(_ask("Name a colour."), temperature=1.0, max_tokens=ROOM), _parameter("temperature")),
    _Probe("tools", Request(_ask("Add 17 and 25 by calling add."), tools=[_ADD], max_tokens=2 * ROOM), _tools),
    _Probe("logprobs", Request(_ask("Answer YES or NO: is 7 prime?"), logprobs=5, max_tokens=SHORT), _logprobs),
    _Probe("n", Request(_ask("Name a bird."), n=2, temperature=1.0, max_tokens=ROOM), _several),
    _Probe("seed", Request(_ask("Name a tree."), seed=7, max_tokens=ROOM), _parameter("seed")),
    _Probe("reasoning", Request(_ask("How many times does r occur in strawberry?"), max_tokens=2 * ROOM), _reasoning),
    _Probe("cut answer", Request(_ask("Count from 1 to 100, in words."), max_tokens=SHORT), _cut),
)
