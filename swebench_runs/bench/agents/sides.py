"""The processes of the bench: the scripted endpoint, and one for each agent, which carries out orders."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from environments.host_python import python_module
from environments.sandboxes.bubblewrap.binary import find_bwrap
from swebench_runs.bench.sandboxes.mini_environment import mini_python
from swebench_runs.errors import EnvironmentMissing

RUNOFF, MINI = "runoff", "mini-swe-agent"
AGENTS = (RUNOFF, MINI)
_IMPORTED_FROM = Path(__file__).resolve().parents[3]
_ROOM = "swebench_runs.bench.agents"
_QUIET = {"MSWEA_SILENT_STARTUP": "1", "LITELLM_LOCAL_MODEL_COST_MAP": "True", "OPENAI_API_KEY": "none"}


class Side:
    """One agent's process."""

    def __init__(self, name: str, process: subprocess.Popen[str]) -> None:
        """``name``: of the agent."""
        self.name = name
        self._process = process

    def do(self, act: str, **order: Any) -> dict[str, Any]:
        """Have an order carried out. EnvironmentMissing where the process has failed; its words stand above."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"act": act, **order}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise EnvironmentMissing(f"the process of {self.name} has ended; its words stand above")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def endpoint() -> Iterator[str]:
    """Give the scripted endpoint's address for the block."""
    with _process(f"{_ROOM}.endpoint") as process:
        assert process.stdout
        yield process.stdout.readline().strip()


@contextmanager
def sides(names: tuple[str, ...] = AGENTS) -> Iterator[dict[str, Side]]:
    """Start the agents' processes for the block; mini-swe-agent is installed the first time.

    Raises:
        EnvironmentMissing: it cannot be installed.
    """
    pythons = {
        RUNOFF: lambda: _process(f"{_ROOM}.runoff_side"),
        MINI: lambda: _process(f"{_ROOM}.mini_side", str(find_bwrap()), python=mini_python()),
    }
    with ExitStack() as stack:
        yield {name: Side(name, stack.enter_context(pythons[name]())) for name in names}


@contextmanager
def _process(module: str, *arguments: str, python: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    child = python_module(module, *arguments, found_in=_IMPORTED_FROM, python=python, variables=_QUIET)
    with subprocess.Popen(
        child.command, cwd=child.folder, env=child.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        try:
            yield process
        finally:
            process.stdin.close()
