"""mini-swe-agent's Docker environment, timed in a process and a virtual environment of its own.

Run by ``MiniDriver`` with mini-swe-agent's Python: reads ``{"count": n, "trips": n}``, a line each, from standard input
and answers each with a line of times.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import subprocess
import sys
from typing import Any

from swebench_runs.bench.sandboxes.phases import time_together


class MiniSubject:
    """One ``DockerEnvironment`` as its users make it: defaults, but for the image."""

    def __init__(self, image: str) -> None:
        """Start its container."""
        module = importlib.import_module("minisweagent.environments.docker")
        self._environment: Any = module.DockerEnvironment(image=image)

    def command(self) -> None:
        """Run ``true`` by its ``execute``."""
        answer = self._environment.execute({"command": "true"})
        if answer["returncode"] != 0:
            raise RuntimeError(f"mini-swe-agent's environment could not run a command: {answer}")

    def fork(self) -> None:
        """It has no forks."""

    def remove(self) -> None:
        """Clean up as it does, and wait until its container has ended, which it does not do itself."""
        container, environment = self._environment.container_id, self._environment
        if container:
            environment.cleanup()
            environment.container_id = None
            subprocess.run([environment.config.executable, "wait", container], capture_output=True, check=False)


def main() -> None:
    """Answer until standard input ends."""
    image = sys.argv[1]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what mini-swe-agent prints is no answer
    logging.disable(logging.INFO)
    for line in sys.stdin:
        order = json.loads(line)
        times = time_together(lambda: MiniSubject(image), order["count"], order["trips"])
        print(json.dumps(times), file=answers, flush=True)


if __name__ == "__main__":
    main()
