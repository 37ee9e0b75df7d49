"""What the scripted model says, and the trees in which it says it: the same to both runners.

Only the standard library is used here: the endpoint's process and the sandboxes read it too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

MODEL = "openai/gpt-4.1"
"""A name whose price both know; nobody of that name is asked."""
MARK = "burn_a_core.py"
"""Stands in the command line of every test process, and in nothing else."""
SHORTEST, LONGEST = 0.2, 3.0
"""CPU seconds of a test."""
_STEPS = (
    "cat m.py",
    "sed -i 's/return 1/return 2/' m.py && git diff --stat",
    f"python3 {MARK}",
)
_HAND_IN = "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT && git diff"


def seconds_of(number: int, count: int) -> float:
    """Return the CPU seconds of the test of task ``number`` of ``count``: evenly spread, mixed by a fixed stride."""
    place = number * 7 % count if count % 7 else number
    return round(SHORTEST + (LONGEST - SHORTEST) * place / max(1, count - 1), 2)


def files(seconds: float) -> dict[str, str]:
    """Return a task's tree."""
    burn = f"import time\nwhile time.process_time() < {seconds}:\n    pass\n"
    run = f'import pathlib, subprocess, sys\n\n\ndef test_f():\n    top = pathlib.Path(__file__).parents[1]\n    \
assert subprocess.run([sys.executable, str(top / "{MARK}")]).returncode == 0\n'
    return {"m.py": "def f():\n    return 1\n", MARK: burn, "tests/test_m.py": run}


def answer(messages: Sequence[Mapping[str, Any]], tools: Sequence[str]) -> dict[str, Any]:
    """Return the answer to a conversation as a chat completion: look, change, test, hand in."""
    step = sum(message["role"] == "assistant" for message in messages)
    if step < len(_STEPS):
        name, arguments = "bash", {"command": _STEPS[step]}
    elif "submit" in tools:
        name, arguments = "submit", {}
    else:
        name, arguments = "bash", {"command": _HAND_IN}
    call = {"id": f"call_{step}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
    message = {"role": "assistant", "content": "I go on.", "tool_calls": [call]}
    return {
        "id": "scripted",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL.partition("/")[2],
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050},
    }
