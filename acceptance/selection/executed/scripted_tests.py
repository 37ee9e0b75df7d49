"""A scripted model as an endpoint on loopback: it answers whatever it is asked with one test more of the same kind.

``python -m ...scripted_tests`` prints its address and serves until its standard input closes.
"""

from __future__ import annotations

import itertools
import json
import threading

from swebench_runs.bench.scripted_server import ScriptedHandler, ScriptedServer

TEST = """```python
from django.conf import settings
settings.configure()
from django.http import HttpResponse
text = b"number {number}"
if HttpResponse(memoryview(text)).content != text:
    issue_present()
```"""
"""Of django-11133: the content of a response that is made of a memoryview."""
_numbers, _lock = itertools.count(), threading.Lock()


class Handler(ScriptedHandler):
    """Answers ``POST /v1/chat/completions``."""

    def do_POST(self) -> None:
        """Answer one request."""
        json.loads(self.body())
        with _lock:
            number = next(_numbers)
        message = {"role": "assistant", "content": TEST.format(number=number)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 10, "completion_tokens": 50, "total_tokens": 60}
        self.send(
            {"id": f"s{number}", "object": "chat.completion", "created": 0, "model": "scripted"}
            | {"choices": [choice], "usage": usage}
        )


if __name__ == "__main__":
    ScriptedServer(Handler).serve_till_input_ends("/v1")
