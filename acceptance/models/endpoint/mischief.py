"""What a hostile endpoint does to a request, drawn by a seed, and what its answers say."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

PAID = {
    **{"good": 46, "no choices": 4, "no content": 4, "cut by length": 4, "filtered": 2, "slow drip": 3},
    **{"arguments cut": 4, "unknown tool": 3},
}
"""Ways of answering with success, and how often of a hundred: each is billed."""
UNPAID = {
    **{"429": 3, "500": 4, "502": 4, "503": 3, "529": 4, "hang": 2, "half a body": 4, "reset": 3, "half a stream": 3},
}
"""Ways of giving no answer."""
BURST_EVERY, BURST = 70, 14
"""Of so many requests in a row, so many are told 429."""
ENDINGS = {"cut by length": "length", "filtered": "content_filter"}
EDITS = 6
"""Different edits: trajectories agree often, and their tests run once."""
_TEST = "```python\nimport sys\nsys.exit(2)\n```"


def drawn(seed: int, number: int) -> str:
    """Return what is done to request ``number``."""
    if number % BURST_EVERY >= BURST_EVERY - BURST:
        return "429"
    kinds = {**PAID, **UNPAID}
    return random.Random(f"{seed} {number}").choices(list(kinds), list(kinds.values()))[0]


@dataclass(frozen=True)
class Answer:
    """A body that is billed."""

    body: bytes
    prompt: int
    completion: int


def answer(kind: str, request: Json, number: int, *, stream: bool = False) -> Answer:
    """Make an answer of success. Its tokens tell it from all others, so that sums can be compared."""
    prompt, completion = 1000 + number, 100 + number % 50
    message, ending = _message(kind, request, number), ENDINGS.get(kind, "stop")
    if message.get("tool_calls"):
        ending = "tool_calls"
    choices = [] if kind == "no choices" else [{"index": 0, "message": message, "finish_reason": ending}]
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    body = {"id": f"a{number}", "object": "chat.completion", "created": 0, "model": "hostile"}
    whole = json.dumps({**body, "choices": choices, "usage": usage})
    return Answer((f"data: {whole}\n\n" if stream else whole).encode(), prompt, completion)


def _message(kind: str, request: Json, number: int) -> Json:
    if kind in ("no content", "filtered"):
        return {"role": "assistant", "content": None}
    if kind == "arguments cut":
        return _call("bash", '{"command": "ls', number)
    if kind == "unknown tool":
        return _call("browser", '{"url": "http://example.org"}', number)
    if not request.get("tools"):
        text = _words(request)
        return {"role": "assistant", "content": text[: len(text) // 2] if kind == "cut by length" else text}
    results = [one for one in request["messages"] if one["role"] == "tool"]
    if any("ANSWER" in str(one.get("content")) for one in results) or len(results) >= 2:
        return _call("submit", "{}", number)
    edit = json.dumps({"command": f"echo 'ANSWER = {_which(request)}' > made_{_which(request)}.py; cat made_*.py"})
    return _call("bash", edit[: len(edit) // 2] if kind == "cut by length" else edit, number)


def _call(name: str, arguments: str, number: int) -> Json:
    call = {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def _which(request: Json) -> int:
    return int(hashlib.sha256(str(request.get("seed", 0) // 100).encode()).hexdigest(), 16) % EDITS


def _words(request: Json) -> str:
    asked = str(request["messages"][-1]["content"])
    if "TEST to run another" in asked:
        return f"TEST\n{_TEST}"
    name = f"made_{_which(request)}"
    return f"{name}.py\n<<<<<<< SEARCH\n=======\nANSWER = '{name}'\n>>>>>>> REPLACE\n"
