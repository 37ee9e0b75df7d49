"""What the scripted model says at each step, and the tree in which it says it: the same to both agents.

Only the standard library is used here: mini-swe-agent's Python and the endpoint's process read it too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

MODEL = "openai/gpt-4.1"
"""A name whose price both agents know; nobody of that name is asked."""
COST_LIMIT = 1000.0
"""US dollars: a limit that is never reached, so that both keep count."""
ISSUE = "`VALUE` in pkg/part_0.py is out of date."
_PARTS = 4
_EDIT_EVERY = 5
_SHOWN = 40
_THOUGHT = "The next lines may say how the value is used, so I look at them before anything is changed. " * 3

FILES: Mapping[str, str] = {
    f"pkg/part_{part}.py": "VALUE = 0\n" + "".join(f"name_{line} = {line}  # of part {part}\n" for line in range(400))
    for part in range(_PARTS)
}


def command(step: int) -> str:
    """Return the command line of a step: it reads some forty lines, and every fifth time changes one."""
    if step % _EDIT_EVERY == _EDIT_EVERY - 1:
        return f"sed -i 's/^VALUE = .*/VALUE = {step}/' pkg/part_0.py && git diff --stat"
    first = 1 + 7 * step % 300
    return f"echo step {step}; sed -n '{first},{first + _SHOWN}p' pkg/part_{step % _PARTS}.py"


def answer(messages: Sequence[Mapping[str, Any]], tools: Sequence[str], steps: int) -> dict[str, Any]:
    """Return the answer to a conversation as a chat completion: the step that it is at, of ``steps``."""
    step = sum(message["role"] == "assistant" for message in messages)
    name, arguments = _call(step, tools, steps)
    call = {
        "id": f"call_{step}",
        "type": "function",
        "function": {"name": name, "arguments": json.dumps(arguments)},
    }
    message = {"role": "assistant", "content": _THOUGHT, "tool_calls": [call]}
    read = sum(len(one["content"] or "") for one in messages) // 4
    return {
        "id": "scripted",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL.partition("/")[2],
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": read, "completion_tokens": 90, "total_tokens": read + 90},
    }


def _call(step: int, tools: Sequence[str], steps: int) -> tuple[str, dict[str, str]]:
    """Return the tool that is called: at the end each agent's own way to hand in."""
    if "submit" in tools:
        return ("submit", {}) if step >= steps - 2 else ("bash", {"command": command(step)})
    if step >= steps - 1:
        return "bash", {"command": "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT && git diff"}
    return "bash", {"command": command(step)}
