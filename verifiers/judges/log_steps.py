"""A trajectory's steps, as verifiers that read trajectories are shown them, from its recorded conversation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from agent.models.contract import Message
from verifiers.judges.hearing import LogStep


def log_steps(conversation: Sequence[Message]) -> tuple[LogStep, ...]:
    """Return a step for each answer of the model: what it said, what it called, and what it was told then.

    The last answer, which nobody replied to, is a step without an observation.
    """
    steps: list[LogStep] = []
    for message in conversation:
        if message.role == "assistant":
            calls = "\n".join(_called(message.tool_calls))
            thought = message.content.strip()
            steps.append(LogStep(thought, calls, "") if calls else LogStep("", thought, ""))
        elif steps:
            told = "\n\n".join(filter(None, (steps[-1].observation, message.content.strip())))
            steps[-1] = steps[-1]._replace(observation=told)
    return tuple(steps)


def _called(calls: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield calls in the form in which those verifiers have seen them: a function's tag, a tag for each argument."""
    for call in calls:
        function = call.get("function") or {}
        name, text = function.get("name"), function.get("arguments") or "{}"
        try:
            arguments = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            arguments = None
        if not isinstance(arguments, dict):
            arguments = {"text": text}
        parts = (f"  <parameter={key}>{_plain(value)}</parameter>" for key, value in arguments.items())
        yield "\n".join([f"<function={name}>", *parts, "</function>"])


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
