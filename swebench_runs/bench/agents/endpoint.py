"""The scripted model as an OpenAI-compatible server on loopback, in a process of its own: both agents pay real litellm.

``python -m ...endpoint`` prints its address and serves until its standard input closes. The address of a run of n
steps is ``ADDRESS/n/v1``. Only the standard library is used here.
"""

from __future__ import annotations

import json

from swebench_runs.bench.agents.script import answer
from swebench_runs.bench.scripted_server import ScriptedHandler, ScriptedServer


class Handler(ScriptedHandler):
    """Answers ``POST /<steps>/v1/chat/completions``."""

    def do_POST(self) -> None:
        """Answer one request."""
        asked = json.loads(self.body())
        tools = [tool["function"]["name"] for tool in asked.get("tools") or ()]
        self.send(answer(asked["messages"], tools, int(self.path.split("/")[1])))


if __name__ == "__main__":
    ScriptedServer(Handler).serve_till_input_ends()
