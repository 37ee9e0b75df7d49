"""The scripted model on loopback, in a process of its own: each answer takes so many seconds.

``python -m acceptance.batch.load.endpoint SECONDS`` prints its address and serves until its standard input closes.
"""

from __future__ import annotations

import json
import sys
import time

from acceptance.batch.load.script import answer
from swebench_runs.bench.scripted_server import ScriptedHandler, ScriptedServer


class Handler(ScriptedHandler):
    """Answers chat completions."""

    def do_POST(self) -> None:
        """Answer one request, late."""
        asked = json.loads(self.body())
        time.sleep(float(sys.argv[1]))
        self.send(answer(asked["messages"], [tool["function"]["name"] for tool in asked.get("tools") or ()]))


if __name__ == "__main__":
    ScriptedServer(Handler).serve_till_input_ends("/v1")
